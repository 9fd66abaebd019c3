// Messages about servers that want credentials or another protocol, for all parts that find that out.

extension MemcachedError {
    static let wantsCredentials = "the server wants a user name and a password, and none were given"
    package static let knowsNoCredentials =
        "credentials were given, but the server does not support SASL authentication"
    static let refusedCredentials =
        "the server refused the user name or password, or offers no mechanism that is installed here"
    static let wantsTextCredentials =
        "the server wants a user name and a password in the text protocol (memcached -Y), which libmemcached can't send"
    static let speaksTextAlone = "the server speaks the text protocol only"
    static let speaksOnlyText = "\(speaksTextAlone): `binary: false`"
    static let speaksOnlyBinary = "the server speaks the binary protocol only: `binary: true`"
}
