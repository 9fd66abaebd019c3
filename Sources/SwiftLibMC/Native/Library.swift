internal import CLibMemcached

/// Facts about the C library.
enum Library {
    static var compiledVersion: String { LIBMEMCACHED_VERSION_STRING }

    static var loadedVersion: String { unsafe String(cString: memcached_lib_version()) }

    /// A library without SASL refuses credentials.
    static var supportsSASL: Bool {
        guard let pointer = unsafe memcached_create(nil) else { return false }
        defer { unsafe memcached_free(pointer) }
        return unsafe memcached_set_sasl_auth_data(pointer, "user", "password") == MEMCACHED_SUCCESS
    }
}
