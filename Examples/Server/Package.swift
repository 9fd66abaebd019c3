// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Server",
    dependencies: [
        // Yours: .package(url: "https://git.example.com/SwiftLibMC", from: "1.0.0", traits: […]),
        .package(name: "SwiftLibMC", path: "../..", traits: ["ServerSupport", "Hummingbird"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "App",
            dependencies: [
                .product(name: "SwiftLibMC", package: "SwiftLibMC"),
                .product(name: "SwiftLibMCHummingbird", package: "SwiftLibMC"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "Server",
            dependencies: [
                "App",
                .product(name: "SwiftLibMC", package: "SwiftLibMC"),
                .product(name: "SwiftLibMCObservability", package: "SwiftLibMC"),
                .product(name: "SwiftLibMCServices", package: "SwiftLibMC"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "AppTests",
            dependencies: [
                "App",
                .product(name: "SwiftLibMC", package: "SwiftLibMC"),
                .product(name: "SwiftLibMCTesting", package: "SwiftLibMC"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
