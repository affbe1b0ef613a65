// A picture as the bytes of an ESC/POS printer.

/// Initialise, raster bands, feed, cut: commands that every such printer knows. Text commands are not used, because the
/// fonts in printers lack 㛃 𫖯 䶮 and every script but two.
public enum ESCPOSEncoder {
    /// - Parameter bitmap: as wide as the profile.
    public static func encode(_ bitmap: Bitmap, profile: PrinterProfile) -> [UInt8] {
        precondition(bitmap.widthDots == profile.widthDots, "the slip was laid out for this printer")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bitmap.bytes.count + 64)
        bytes += [0x1B, 0x40]  // ESC @: initialise
        var row = 0
        while row < bitmap.heightDots {
            let end = min(row + profile.bandRowsMax, bitmap.heightDots)
            // GS v 0 m xL xH yL yH: bytes a row, rows; m = 0 is normal size.
            bytes += [0x1D, 0x76, 0x30, 0]
            bytes += [UInt8(bitmap.bytesPerRow & 0xFF), UInt8(bitmap.bytesPerRow >> 8)]
            bytes += [UInt8((end - row) & 0xFF), UInt8((end - row) >> 8)]
            bytes += bitmap.rows(row..<end)
            row = end
        }
        if profile.feedLines > 0 { bytes += [0x1B, 0x64, UInt8(profile.feedLines)] }  // ESC d n: print and feed n lines
        switch profile.cutter {
        case .none: break
        case .full: bytes += [0x1D, 0x56, 0]  // GS V 0
        case .partial: bytes += [0x1D, 0x56, 1]  // GS V 1
        }
        return bytes
    }
}
