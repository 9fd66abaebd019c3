import Testing

extension Tag {
    /// Takes seconds of all cores, and looks at what hardly ever changes.
    @Tag static var slow: Self
}
