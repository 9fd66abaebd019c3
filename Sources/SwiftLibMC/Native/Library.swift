internal import CLibMemcached

/// Facts about the C library.
enum Library {
    static var compiledVersion: String { LIBMEMCACHED_VERSION_STRING }

    static let loadedVersion = unsafe String(cString: memcached_lib_version())

    /// A library without SASL refuses credentials.
    static var supportsSASL: Bool {
        guard let pointer = unsafe memcached_create(nil) else { return false }
        defer { unsafe memcached_free(pointer) }
        return unsafe memcached_set_sasl_auth_data(pointer, "user", "password") == MEMCACHED_SUCCESS
    }

    /// The known faults of the loaded version, nil if there are none.
    static let loadedVersionNote = LibraryVersion(loadedVersion).note

    /// Whether the library keeps its private data, such as errors, in the form that is known from 1.1.
    static let isKnown = LibraryVersion(loadedVersion).numbers.starts(with: [1, 1])

    private static let isUsable = LibraryVersion(loadedVersion).isUsable

    /// Refuses a library that is too old.
    ///
    /// The headers are checked when this package is compiled, but the dynamic linker takes 1.0 for 1.1 as well: the
    /// file's name is the same.
    static func check() throws(MemcachedError) {
        if isUsable { return }
        throw MemcachedError(
            code: .notSupported,
            operation: .create,
            detail: "the program was compiled with libmemcached \(compiledVersion), but has loaded \(loadedVersion); "
                + "1.1 or newer is needed, because 1.0 returns wrong values after timeouts (ldd shows which file is loaded)"
        )
    }
}

/// A version of libmemcached, such as 1.1.4.
struct LibraryVersion: Equatable {
    let numbers: [Int]

    /// A part that is not a number counts as 0.
    init(_ text: String) {
        numbers = text.split(separator: ".").map { part in Int(part.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
    }

    var isUsable: Bool { !isOlder(than: [1, 1]) }

    var note: String? {
        guard isUsable else { return "too old: it returns wrong values after timeouts" }
        let faults = Self.faults.filter { isOlder(than: $0.mended) }.map(\.fault)
        return faults.isEmpty ? nil : "not tested with this package; " + faults.joined(separator: "; ")
    }

    /// From libmemcached's own list of changes.
    private static let faults: [(mended: [Int], fault: String)] = [
        ([1, 1, 1], "a get that times out may look like a miss"),
        ([1, 1, 2], "negative expirations are sent to the server wrongly"),
        ([1, 1, 3], "the count of awaited replies can go below zero"),
        ([1, 1, 4], "a reply that came too late can answer the next get"),
    ]

    private func isOlder(than other: [Int]) -> Bool { numbers.lexicographicallyPrecedes(other) }
}
