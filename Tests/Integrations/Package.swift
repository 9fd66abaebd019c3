// swift-tools-version: 6.2
import PackageDescription

// Scripts/lib.sh sets the variable: see the library's Package.swift.
let isStrict = Context.environment["SWIFTLIBMC_STRICT"] != nil
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

/// A product of another package.
func product(_ name: String, of package: String) -> Target.Dependency { .product(name: name, package: package) }

/// Products of the library.
func library(_ names: String...) -> [Target.Dependency] { names.map { product($0, of: "SwiftLibMC") } }

/// A program that measures what an integration costs.
func measurement(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: library("SwiftLibMC") + dependencies, swiftSettings: settings)
}

/// The tests of one integration.
func tests(_ integration: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(integration)Tests",
        dependencies: ["Support"] + library("SwiftLibMC", "SwiftLibMC\(integration)", "SwiftLibMCTesting")
            + dependencies,
        swiftSettings: settings
    )
}

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
        measurement(
            "ObserverCost",
            library("SwiftLibMCObservability") + [product("Metrics", of: "swift-metrics")]
        ),
        measurement("TLSCost", library("SwiftLibMCTLS")),
        tests(
            "Observability",
            [
                product("InMemoryLogging", of: "swift-log"), product("Metrics", of: "swift-metrics"),
                product("MetricsTestKit", of: "swift-metrics"),
                product("InMemoryTracing", of: "swift-distributed-tracing"),
            ]
        ),
        tests(
            "Services",
            [
                product("Configuration", of: "swift-configuration"),
                product("ServiceLifecycle", of: "swift-service-lifecycle"),
                product("ServiceLifecycleTestKit", of: "swift-service-lifecycle"),
            ]
        ),
        tests(
            "Hummingbird",
            [
                product("Hummingbird", of: "hummingbird"), product("HTTPTypes", of: "swift-http-types"),
                product("Logging", of: "swift-log"), product("NIOCore", of: "swift-nio"),
                product("NIOEmbedded", of: "swift-nio"),
            ]
        ),
        tests(
            "TLS",
            library("SwiftLibMCServices") + [
                product("Configuration", of: "swift-configuration"),
                product("NIOCore", of: "swift-nio"), product("NIOPosix", of: "swift-nio"),
                product("NIOSSL", of: "swift-nio-ssl"),
                product("ServiceLifecycle", of: "swift-service-lifecycle"),
                product("ServiceLifecycleTestKit", of: "swift-service-lifecycle"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
