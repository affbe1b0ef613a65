// Messages to bytes and back, within limits.

public import SwiftProtobuf

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum WireCoding {
    /// The bytes of a message, the same for the same message: fields in order of their numbers, no maps in the contract.
    public static func bytes(_ message: some Message) -> Data {
        do {
            return try message.bytes()
        } catch {
            preconditionFailure("serialising a message of the contract failed: \(error)")
        }
    }

    /// - Parameters:
    ///   - bytesMax: looked at before anything is parsed.
    ///   - name: of the message, for the error.
    public static func message<Value: Message>(
        _ type: Value.Type, from bytes: Data, bytesMax: Int, name: String
    ) throws(SyncProtocolError) -> Value {
        guard bytes.count <= bytesMax else { throw SyncProtocolError(.tooLarge, "\(name) of \(bytes.count) bytes") }
        return try parse(bytes, name)
    }
}

extension Message {
    func bytes() throws(SyncProtocolError) -> Data {
        do {
            return try serializedBytes()
        } catch {
            throw SyncProtocolError(.tooLarge, "a message cannot be serialised")
        }
    }
}

func parse<Value: Message>(_ bytes: Data, _ name: String) throws(SyncProtocolError) -> Value {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = SyncLimits.nestingMax
    do {
        return try Value(serializedBytes: bytes, extensions: nil, partial: false, options: options)
    } catch {
        throw SyncProtocolError(.malformed, name)
    }
}

func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

func require(_ bytes: Data, count: Int, _ name: String) throws(SyncProtocolError) {
    guard bytes.count == count else {
        throw SyncProtocolError(.malformed, "\(name) has \(bytes.count) bytes, not \(count)")
    }
}
