// swift-tools-version: 6.2
import PackageDescription

/// Valgrind does not understand what clang writes by default.
let readable: [CSetting] = [.unsafeFlags(["-gdwarf-4"])]

var dependencies: [Package.Dependency] = [.package(name: "SwiftLibMC", path: "..")]
var targets: [Target] = [
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
]

/// valkey-swift takes part where it can be had, and Valkey or Redis is installed: SWIFTLIBMC_BENCH_VALKEY is the folder
/// of a checkout of it, or the address of its repository.
if let valkey = Context.environment["SWIFTLIBMC_BENCH_VALKEY"], !valkey.isEmpty {
    let isFolder = valkey.hasPrefix("/") || valkey.hasPrefix(".")
    dependencies += [
        isFolder ? .package(name: "valkey-swift", path: valkey) : .package(url: valkey, from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ]
    targets.append(
        .executableTarget(
            name: "valkey-client",
            dependencies: [
                "Harness", .product(name: "Logging", package: "swift-log"),
                .product(name: "Valkey", package: "valkey-swift"),
            ]
        )
    )
}

/// The programs that `Scripts/bench` measures side by side; a package of its own, so that the library's stays free of
/// it.
let package = Package(
    name: "Benchmarks",
    dependencies: dependencies,
    targets: targets,
    swiftLanguageModes: [.v6]
)
