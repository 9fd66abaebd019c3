/// Reads FastLZ, the compression that php-memcached uses unless told otherwise.
///
/// A stream consists of runs of literal bytes and of references to earlier output. There are two levels, shown by the
/// three highest bits of the first byte, which differ in how long references are written.
enum FastLZ {
    /// A reference with this distance has its real distance in the next two bytes (level 2).
    private static let farDistance = 0x1FFF

    /// Inflates a stream.
    ///
    /// - Parameters:
    ///   - input: One whole stream.
    ///   - count: How many bytes it stands for.
    /// - Returns: The bytes; nil if the stream is not whole, or stands for more or fewer.
    static func inflate(_ input: [UInt8], count: Int) -> [UInt8]? {
        guard let first = input.first else { return nil }
        let hasLongForms: Bool
        switch first >> 5 {
        case 0: hasLongForms = false
        case 1: hasLongForms = true
        default: return nil
        }
        var reader = Reader(input: input)
        var output: [UInt8] = []
        // A stream can't stand for more than this, so that a lie about the length costs no memory.
        output.reserveCapacity(min(count, input.count * 256))
        // The first instruction is always for literals, whatever its highest bits.
        var instruction = Int(first) & 0x1F
        reader.offset = 1
        while true {
            if instruction < 32 {
                guard reader.copyLiterals(instruction + 1, to: &output, limit: count) else { return nil }
            } else {
                guard let reference = reader.reference(instruction, hasLongForms: hasLongForms),
                    reference.distance <= output.count, reference.length <= count - output.count
                else { return nil }
                // Bytes one by one, since a reference may overlap its own output.
                for _ in 0..<reference.length { output.append(output[output.count - reference.distance]) }
            }
            guard let next = reader.next() else { break }
            instruction = Int(next)
        }
        return output.count == count ? output : nil
    }

    private struct Reader {
        let input: [UInt8]
        var offset = 0

        mutating func next() -> UInt8? {
            guard offset < input.count else { return nil }
            defer { offset += 1 }
            return input[offset]
        }

        mutating func copyLiterals(_ length: Int, to output: inout [UInt8], limit: Int) -> Bool {
            guard length <= input.count - offset, length <= limit - output.count else { return false }
            output += input[offset..<(offset + length)]
            offset += length
            return true
        }

        mutating func reference(_ instruction: Int, hasLongForms: Bool) -> (distance: Int, length: Int)? {
            var length = (instruction >> 5) + 2
            if length == 9 {
                // Level 1 has one more byte of length, level 2 has as many as are 255, and one more.
                var more = UInt8.max
                while more == .max {
                    guard let byte = next() else { return nil }
                    more = byte
                    length += Int(more)
                    if !hasLongForms { break }
                }
            }
            guard let low = next() else { return nil }
            var distance = (instruction & 0x1F) << 8 + Int(low)
            if hasLongForms, distance == FastLZ.farDistance {
                guard let high = next(), let low = next() else { return nil }
                distance += Int(high) << 8 + Int(low)
            }
            return (distance + 1, length)
        }
    }
}
