// swift-tools-version: 6.2
import PackageDescription

/// One list for every Swift target of the package.
var settings: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
    .strictMemorySafety(),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0470-isolated-conformances.md
    .enableUpcomingFeature("InferIsolatedConformances"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0481-weak-let.md
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

// In the project's own builds a warning is an error: Scripts/lib.sh sets the variable. Not in the build of a package that
// depends on this one: a newer compiler may warn of more, and the Swift Build engine of SwiftPM 6.3 suppresses the warnings
// of dependencies, which the compiler refuses to combine with this
// (https://github.com/swiftlang/swift-package-manager/issues/9517).
if Context.environment["SWIFTLIBMC_STRICT"] != nil {
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0443-warning-control-flags.md
    settings.append(.treatAllWarnings(as: .error))
}

/// A product of another package, for those who have asked for the integration with it.
func outside(_ product: String, of package: String, for traits: Set<String>) -> Target.Dependency {
    .product(name: product, package: package, condition: .when(traits: traits))
}

let package = Package(
    name: "SwiftLibMC",
    // `UTF8Span` and `InlineArray` are there from this version on.
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "SwiftLibMC", targets: ["SwiftLibMC"]),
        .library(name: "SwiftLibMCObservability", targets: ["SwiftLibMCObservability"]),
        .library(name: "SwiftLibMCServices", targets: ["SwiftLibMCServices"]),
        .library(name: "SwiftLibMCHummingbird", targets: ["SwiftLibMCHummingbird"]),
        .library(name: "SwiftLibMCTLS", targets: ["SwiftLibMCTLS"]),
        .library(name: "SwiftLibMCTesting", targets: ["SwiftLibMCTesting"]),
    ],
    // None is on unless asked for: SwiftLibMC itself needs no other package, and nothing is fetched for it.
    traits: [
        .trait(name: "Observability", description: "SwiftLibMCObservability: metrics, traces, logs"),
        .trait(name: "ServiceLifecycle", description: "SwiftLibMCServices: AsyncClient as a Service"),
        .trait(name: "Configuration", description: "SwiftLibMCServices: clients from a ConfigReader"),
        .trait(
            name: "Hummingbird",
            description: "SwiftLibMCHummingbird: sessions, rate limits, cached responses",
            enabledTraits: ["ServiceLifecycle"]
        ),
        .trait(name: "TLS", description: "SwiftLibMCTLS: servers that speak TLS"),
        .trait(
            name: "ServerSupport",
            description: "What a server needs of any kind",
            enabledTraits: ["Observability", "ServiceLifecycle", "Configuration"]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibMemcached",
            pkgConfig: "libmemcached",
            // Homebrew's libmemcached is 1.0, which is too old.
            providers: [
                .apt(["libmemcached-dev", "libsasl2-dev"]),
                .yum(["libmemcached-awesome-devel", "cyrus-sasl-devel"]),
            ]
        ),
        .systemLibrary(
            name: "CLibDeflate",
            pkgConfig: "libdeflate",
            providers: [.apt(["libdeflate-dev"]), .yum(["libdeflate-devel"]), .brew(["libdeflate"])]
        ),
        // The system's C library: headers alone.
        .systemLibrary(name: "CPlatform"),
        .target(name: "SwiftLibMCJSON", swiftSettings: settings),
        .target(
            name: "SwiftLibMC",
            dependencies: ["SwiftLibMCJSON", "CLibMemcached", "CLibDeflate", "CPlatform"],
            swiftSettings: settings
        ),
        .target(
            name: "SwiftLibMCObservability",
            dependencies: [
                "SwiftLibMC",
                outside("Logging", of: "swift-log", for: ["Observability"]),
                outside("Metrics", of: "swift-metrics", for: ["Observability"]),
                outside("Tracing", of: "swift-distributed-tracing", for: ["Observability"]),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SwiftLibMCServices",
            dependencies: [
                "SwiftLibMC",
                outside("ServiceLifecycle", of: "swift-service-lifecycle", for: ["ServiceLifecycle"]),
                outside("Configuration", of: "swift-configuration", for: ["Configuration"]),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SwiftLibMCHummingbird",
            dependencies: [
                "SwiftLibMC",
                outside("Hummingbird", of: "hummingbird", for: ["Hummingbird"]),
                outside("HTTPTypes", of: "swift-http-types", for: ["Hummingbird"]),
                outside("Logging", of: "swift-log", for: ["Hummingbird"]),
                outside("NIOCore", of: "swift-nio", for: ["Hummingbird"]),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SwiftLibMCTLS",
            dependencies: [
                "SwiftLibMC",
                outside("NIOCore", of: "swift-nio", for: ["TLS"]),
                outside("NIOPosix", of: "swift-nio", for: ["TLS"]),
                outside("NIOTLS", of: "swift-nio", for: ["TLS"]),
                outside("NIOSSL", of: "swift-nio-ssl", for: ["TLS"]),
                outside("ServiceLifecycle", of: "swift-service-lifecycle", for: ["ServiceLifecycle"]),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SwiftLibMCTesting",
            dependencies: ["SwiftLibMC"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Demo",
            dependencies: ["SwiftLibMC"],
            path: "Examples/Demo"
        ),
        .executableTarget(
            name: "RequestLoop",
            dependencies: ["SwiftLibMC"],
            path: "Examples/RequestLoop"
        ),
        .target(
            name: "TestSupport",
            dependencies: ["SwiftLibMC", "SwiftLibMCTesting"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "OutsideModule",
            dependencies: ["SwiftLibMC"],
            path: "Tests/OutsideModule",
            swiftSettings: settings
        ),
        // The examples in the documents, made into tests by Scripts/examples. No settings: they have to compile in the
        // reader's package.
        .testTarget(
            name: "ReadmeTests",
            dependencies: ["SwiftLibMC", "SwiftLibMCTesting", "TestSupport"],
            plugins: ["Examples"]
        ),
        .plugin(name: "Examples", capability: .buildTool()),
        .executableTarget(
            name: "HazardProbe",
            dependencies: ["SwiftLibMC"],
            path: "Tests/HazardProbe",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SwiftLibMCTests",
            dependencies: ["SwiftLibMC", "SwiftLibMCJSON", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FormatTests",
            dependencies: ["SwiftLibMC", "TestSupport"],
            exclude: ["Libraries", "Recorded"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["SwiftLibMC", "OutsideModule", "TestSupport", "HazardProbe"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AsyncTests",
            dependencies: ["SwiftLibMC", "TestSupport", "RequestLoop"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FeatureTests",
            dependencies: ["SwiftLibMC", "TestSupport"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
