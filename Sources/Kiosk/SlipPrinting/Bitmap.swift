// The picture of a slip: one bit a dot, as thermal printers want it.

/// Rows of dots, eight to a byte, the leftmost in the highest bit; 1 is black. Each row starts on a byte of its own,
/// and the bits beyond the width stay 0. The rows are what `GS v 0` takes and what PBM (P4) holds.
public struct Bitmap: Hashable, Sendable {
    public let widthDots: Int
    public let heightDots: Int
    public let bytesPerRow: Int
    public private(set) var bytes: [UInt8]

    /// All white.
    public init(widthDots: Int, heightDots: Int) {
        precondition(widthDots > 0 && heightDots >= 0, "a bitmap has a width")
        self.widthDots = widthDots
        self.heightDots = heightDots
        bytesPerRow = (widthDots + 7) / 8
        bytes = [UInt8](repeating: 0, count: bytesPerRow * heightDots)
    }

    /// Dots outside the bitmap read as white and are not written: what sticks out is clipped.
    public subscript(x: Int, y: Int) -> Bool {
        get {
            guard contains(x, y) else { return false }
            return bytes[y * bytesPerRow + x >> 3] & (0x80 >> UInt8(x & 7)) != 0
        }
        set {
            guard contains(x, y) else { return }
            let bit: UInt8 = 0x80 >> UInt8(x & 7)
            if newValue {
                bytes[y * bytesPerRow + x >> 3] |= bit
            } else {
                bytes[y * bytesPerRow + x >> 3] &= ~bit
            }
        }
    }

    public mutating func fill(_ rectangle: DotRectangle, black: Bool = true) {
        for y in max(0, rectangle.y)..<max(0, min(heightDots, rectangle.maxY)) {
            for x in max(0, rectangle.x)..<max(0, min(widthDots, rectangle.maxX)) { self[x, y] = black }
        }
    }

    /// The bytes of some rows, for one band.
    public func rows(_ range: Range<Int>) -> ArraySlice<UInt8> {
        bytes[range.lowerBound * bytesPerRow..<range.upperBound * bytesPerRow]
    }

    private func contains(_ x: Int, _ y: Int) -> Bool {
        x >= 0 && y >= 0 && x < widthDots && y < heightDots
    }
}

/// A rectangle in dots, its origin at the upper left of the slip.
public struct DotRectangle: Hashable, Sendable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int
    public var maxX: Int { x + width }
    public var maxY: Int { y + height }

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}
