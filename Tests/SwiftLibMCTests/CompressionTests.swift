import Testing

@testable import SwiftLibMC

/// When values are compressed.
@Suite("Compression settings")
struct CompressionTests {
    @Test func nothingIsCompressedByDefault() {
        #expect(Compression() == Compression(minLength: 0, level: -1))
        #expect(!Compression().applies(to: 1_000_000))
    }

    @Test func valuesFromTheLengthOnAreCompressed() {
        let setting = Compression(minLength: 100)
        #expect([0, 99, 100, 101].map(setting.applies(to:)) == [false, false, true, true])
        #expect(!Compression(minLength: 100, level: 0).applies(to: 100))
        #expect(!Compression(minLength: 1).applies(to: 0))
    }

    @Test func aCallOverridesWhatItGives() throws {
        let setting = Compression(minLength: 100, level: 3)
        #expect(try setting.overridden(minLength: nil, level: nil, operation: "set") == setting)
        #expect(try setting.overridden(minLength: 5, level: nil, operation: "set").minLength == 5)
        #expect(try setting.overridden(minLength: nil, level: 9, operation: "set").level == 9)
        #expect(try setting.overridden(minLength: 0, level: 0, operation: "set") == Compression(minLength: 0, level: 0))
    }

    @Test(arguments: -1...9)
    func levelsOfZlibAreAllowed(_ level: Int) throws {
        try Compression.checkLevel(level, operation: "set")
        #expect(try Compression().overridden(minLength: nil, level: level, operation: "set").level == level)
    }

    @Test(arguments: [-2, 10, 12, 100, Int.min, Int.max])
    func otherLevelsAreRefused(_ level: Int) {
        let error = #expect(throws: MemcachedError.self) {
            try Compression().overridden(minLength: nil, level: level, operation: "set")
        }
        #expect(error?.code == .invalidArguments)
        #expect(error?.operation == "set")
        #expect(error?.detail == "the compression level is \(level), and must be within -1 to 9")
    }

    @Test func negativeLengthsAreRefused() {
        let error = #expect(throws: MemcachedError.self) {
            try Compression().overridden(minLength: -1, level: nil, operation: "add")
        }
        #expect(error?.code == .invalidArguments)
    }
}
