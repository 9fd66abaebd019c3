// What Swift sees of libdeflate.
#ifndef CLIBDEFLATE_SHIM_H
#define CLIBDEFLATE_SHIM_H

#if !__has_include(<libdeflate.h>)
#error "libdeflate is not installed. On Debian and Ubuntu: apt-get install libdeflate-dev"
#else
#include <libdeflate.h>
#endif
#endif
