import TestSupport
import Testing

@testable import SwiftLibMC

/// What becomes of libmemcached's messages.
@Suite("Sentences of errors", .hazard(93))
struct ErrorSentenceTests {
    @Test(arguments: [
        (
            "(0x55d0) CONNECTION FAILURE(Connection refused),  host: 127.0.0.1:9 -> ./src/libmemcached/connect.cc:720",
            "connection failure (Connection refused)"
        ),
        (
            "(0x55d0) SYSTEM ERROR(No such file or directory) -> ./src/libmemcached/connect.cc:361",
            "system error (No such file or directory)"
        ),
        (
            "(0x55d0) SERVER ERROR, SERVER_ERROR out of memory,  host: localhost:1 -> ./src/libmemcached/response.cc:1",
            "server error, SERVER_ERROR out of memory"
        ),
        (
            "(0x55d0) FAILURE, Bad key,  socket: /run/memcached.sock -> ./src/libmemcached/storage.cc:257",
            "failure, Bad key"
        ),
        ("ERROR was returned by server", "ERROR was returned by server"),
        (
            "getaddrinfo() or getnameinfo() HOSTNAME LOOKUP FAILURE",
            "hostname lookup failure"
        ),
        (
            "(0x55d0) UNKNOWN READ FAILURE, HTTP/1.1 400 Bad Request\r\n\r\n,  host: a:1 -> ./src/libmemcached/x.cc:1",
            "unknown read failure, HTTP/1.1 400 Bad Request"
        ),
        ("A TIMEOUT OCCURRED", "a timeout occurred"),
        ("", ""),
    ])
    func areReadable(message: String, sentence: String) {
        #expect(Handle.cleaned(message) == sentence)
    }
}
