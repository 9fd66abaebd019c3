// swift-tools-version: 6.2
import PackageDescription

// Scripts/lib.sh sets the variable: see the library's Package.swift.
var settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
if Context.environment["SWIFTLIBMC_STRICT"] != nil { settings.append(.treatAllWarnings(as: .error)) }

func library(_ name: String) -> Target.Dependency { .product(name: name, package: "SwiftLibMC") }

/// The tests of the integrations with other packages; a package of its own, so that the library's own builds fetch
/// nothing.
let package = Package(
    name: "Integrations",
    dependencies: [
        .package(name: "SwiftLibMC", path: "../..", traits: ["ServerSupport", "Hummingbird", "TLS"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    ],
    targets: [
        .target(name: "Support", swiftSettings: settings),
        .executableTarget(
            name: "ObserverCost",
            dependencies: [
                library("SwiftLibMC"), library("SwiftLibMCObservability"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "TLSCost",
            dependencies: [library("SwiftLibMC"), library("SwiftLibMCTLS")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: [
                library("SwiftLibMC"), library("SwiftLibMCObservability"), library("SwiftLibMCTesting"), "Support",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                library("SwiftLibMC"), library("SwiftLibMCServices"), library("SwiftLibMCTesting"), "Support",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HummingbirdTests",
            dependencies: [
                library("SwiftLibMC"), library("SwiftLibMCHummingbird"), library("SwiftLibMCTesting"), "Support",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TLSTests",
            dependencies: [
                library("SwiftLibMC"), library("SwiftLibMCTLS"), library("SwiftLibMCTesting"), "Support",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
