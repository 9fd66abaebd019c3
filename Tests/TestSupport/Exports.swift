@_exported public import SwiftLibMCTesting
