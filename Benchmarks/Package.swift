// swift-tools-version: 6.2
import PackageDescription

/// Valgrind does not understand what clang writes by default.
let readable: [CSetting] = [.unsafeFlags(["-gdwarf-4"])]

/// The programs that `Scripts/bench` measures side by side; a package of its own, so that the library's stays free of
/// it.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "SwiftLibMC", path: "..")],
    targets: [
        .target(name: "Harness", cSettings: readable),
        .executableTarget(
            name: "c-libmemcached",
            dependencies: ["Harness"],
            cSettings: readable,
            linkerSettings: [.linkedLibrary("memcached"), .linkedLibrary("z"), .linkedLibrary("pthread")]
        ),
        .executableTarget(name: "c-floor", dependencies: ["Harness"], cSettings: readable),
        .executableTarget(name: "near-cache", dependencies: [.product(name: "SwiftLibMC", package: "SwiftLibMC")]),
        .executableTarget(
            name: "swift-client",
            dependencies: ["Harness", .product(name: "SwiftLibMC", package: "SwiftLibMC")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
