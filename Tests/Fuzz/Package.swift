// swift-tools-version: 6.2
import PackageDescription

/// What reads bytes of unknown making, fed with mutated ones: `Scripts/fuzz` builds and runs it.
///
/// A package of its own, because it is built with the flags of libFuzzer, which go to everything in it.
let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "SwiftLibMC", path: "../..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: ["CFuzzer", .product(name: "SwiftLibMC", package: "SwiftLibMC")],
            // Scripts/fuzz sets the variable where libFuzzer links.
            swiftSettings: Context.environment["SWIFTLIBMC_LIBFUZZER"] == nil ? [] : [.define("LIBFUZZER")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
