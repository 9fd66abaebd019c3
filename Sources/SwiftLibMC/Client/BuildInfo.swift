/// The versions of the libraries that this program runs with.
public struct BuildInfo: Sendable, Hashable {
    /// The version of this package.
    public let version: String
    /// The version of libmemcached whose headers this package was compiled with.
    public let libmemcachedCompiled: String
    /// The version of libmemcached that is loaded.
    ///
    /// A version older than 1.1 is refused: making a client throws a `MemcachedError` with the code `.notSupported`.
    public let libmemcachedLoaded: String
    /// A sentence for a log about known faults of the loaded libmemcached; nil from 1.1.4 on.
    public let libmemcachedNote: String?
    /// Whether the loaded libmemcached can authenticate.
    ///
    /// pylibmc's `support_sasl`.
    public let supportsSASL: Bool
    /// Whether values can be compressed.
    ///
    /// pylibmc's `support_compression`.
    public let supportsCompression: Bool
}

/// The versions of the libraries that this program runs with.
public let buildInfo = BuildInfo(
    version: "1.0.0",
    libmemcachedCompiled: Library.compiledVersion,
    libmemcachedLoaded: Library.loadedVersion,
    libmemcachedNote: Library.loadedVersionNote,
    supportsSASL: Library.supportsSASL,
    supportsCompression: true
)
