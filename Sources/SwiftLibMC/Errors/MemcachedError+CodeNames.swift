extension MemcachedError.Code: CustomStringConvertible, CustomDebugStringConvertible {
    /// The name of the constant, such as `timeout`, or `code` and the number for a code without one.
    ///
    /// There are about fifty of them, and they are stable: fit for labels of metrics.
    public var name: String { Self.names[rawValue] ?? "code\(rawValue)" }

    /// The ``name``.
    public var description: String { name }

    /// The ``name`` and the number, such as `timeout (31)`.
    public var debugDescription: String { "\(name) (\(rawValue))" }

    private static let names: [UInt32: String] = [
        1: "failure", 2: "hostLookupFailure", 3: "connectionFailure", 4: "connectionBindFailure",
        5: "writeFailure", 6: "readFailure", 7: "unknownReadFailure", 8: "protocolError", 9: "clientError",
        10: "serverError", 11: "error", 12: "dataExists", 13: "dataDoesNotExist", 14: "notStored",
        16: "notFound", 17: "memoryAllocationFailure", 18: "partialRead", 19: "someErrors", 20: "noServers",
        26: "systemError", 27: "failUnixSocket",
        28: "notSupported", 29: "noKeyProvided", 30: "fetchNotFinished", 31: "timeout",
        33: "badKeyProvided", 34: "invalidHostProtocol", 35: "serverMarkedDead", 36: "unknownStatKey", 37: "tooBig",
        38: "invalidArguments", 39: "keyTooBig", 40: "authProblem", 41: "authFailure", 42: "authContinue",
        43: "parseError", 44: "parseUserError", 45: "deprecated", 47: "serverTemporarilyDisabled",
        48: "serverMemoryAllocationFailure", 10_000: "serialization", 10_001: "deserialization", 10_002: "badKey",
        10_003: "invalidServer", 10_004: "notNumeric", 10_005: "casConflict", 10_006: "commandTimeout",
        10_007: "poolExhausted", 10_008: "overloaded", 10_009: "cancelled", 10_010: "shutdown", 10_011: "noValue",
        10_012: "casFailure",
    ]
}

extension MemcachedError.Code {
    /// Lets a `catch` clause or a `case` select errors by their code: `catch MemcachedError.Code.tooBig { … }`.
    public static func ~= (code: Self, error: any Error) -> Bool { (error as? MemcachedError)?.code == code }
}
