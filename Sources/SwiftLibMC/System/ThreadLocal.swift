internal import CPlatform

/// An object that each thread has for itself, released when the thread ends.
///
/// An instance is never freed: the system removes a destructor with its key, and the objects of threads that still run
/// would leak. So it belongs in a static constant.
struct ThreadLocal<Object: AnyObject>: Sendable {
    private let key: pthread_key_t

    init() {
        var key = pthread_key_t()
        let code = unsafe swiftlibmc_make_thread_key(&key) { object in
            if let object = unsafe object { unsafe Unmanaged<AnyObject>.fromOpaque(object).release() }
        }
        precondition(code == 0, "the system has no more thread-specific keys")
        self.key = key
    }

    /// The calling thread's object.
    var object: Object? {
        guard let pointer = unsafe pthread_getspecific(key) else { return nil }
        return unsafe Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Replaces the calling thread's object by another one, or none.
    func assign(_ object: Object?) {
        let before = unsafe pthread_getspecific(key)
        unsafe pthread_setspecific(key, object.map { unsafe Unmanaged.passRetained($0).toOpaque() })
        if let before = unsafe before { unsafe Unmanaged<Object>.fromOpaque(before).release() }
    }
}
