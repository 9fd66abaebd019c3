// swift-tools-version: 6.2
import PackageDescription

// Scripts/lib.sh sets the variable: see the library's Package.swift.
let strictness: [SwiftSetting] =
    Context.environment["SWIFTLIBMC_STRICT"] != nil ? [.treatAllWarnings(as: .error)] : []

/// The command-line tool; a package of its own, so that the library depends on nothing for its sake.
let package = Package(
    name: "swiftmc",
    products: [.executable(name: "swiftmc", targets: ["swiftmc"])],
    dependencies: [
        .package(name: "SwiftLibMC", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "swiftmc",
            dependencies: [
                .product(name: "SwiftLibMC", package: "SwiftLibMC"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strictness + [
                .strictMemorySafety(),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
