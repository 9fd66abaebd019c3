/// An object that is not in use, on its way from one thread to another.
///
/// `@unchecked`: it is put in by giving the object away, and taken out once, through a lock.
struct Transfer<Object: AnyObject>: @unchecked Sendable {
    let object: Object

    init(_ object: sending Object) { self.object = object }

    /// Whether it is this object.
    func holds(_ object: Object) -> Bool { self.object === object }
}
