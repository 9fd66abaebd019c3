/// The arrays of pointers and lengths that libmemcached's multi-gets take.
///
/// The handle keeps them, so that a call allocates nothing.
@safe
struct KeyPointers: ~Copyable {
    /// More keys are never asked for at once (hazard 34).
    static let capacity = 1000

    let keys = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: capacity)
    let lengths = UnsafeMutablePointer<Int>.allocate(capacity: capacity)

    deinit {
        unsafe keys.deallocate()
        unsafe lengths.deallocate()
    }
}
