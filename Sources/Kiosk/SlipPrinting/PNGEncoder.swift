// A picture as PNG, by Cairo's own writer.

import CPangoCairo

/// Black and white only, as grey scale. The same dots as on the paper.
public enum PNGEncoder {
    /// - Throws: `drawingFailed`: out of memory.
    public static func encode(_ bitmap: Bitmap) throws(SlipPrintingError) -> [UInt8] {
        let surface = cairo_image_surface_create(
            CAIRO_FORMAT_A1, Int32(bitmap.widthDots), Int32(max(1, bitmap.heightDots)))
        defer { cairo_surface_destroy(surface) }
        cairo_surface_flush(surface)
        guard let dots = cairo_image_surface_get_data(surface) else {
            throw SlipPrintingError(.drawingFailed, "no memory for the picture of a slip")
        }
        let stride = Int(cairo_image_surface_get_stride(surface))
        for row in 0..<bitmap.heightDots {
            for column in 0..<bitmap.bytesPerRow {
                // In a PNG 1 is white. Cairo packs A1 in words of the machine: lowest bit first on a little-endian one.
                let byte = ~bitmap.bytes[row * bitmap.bytesPerRow + column]
                dots[row * stride + column] = 1.littleEndian == 1 ? byte.reversedBits : byte
            }
        }
        cairo_surface_mark_dirty(surface)
        var sink = Sink()
        let status = withUnsafeMutablePointer(to: &sink) { sink in
            cairo_surface_write_to_png_stream(
                surface,
                { closure, bytes, count in
                    guard let sink = closure?.assumingMemoryBound(to: Sink.self), let bytes else {
                        return CAIRO_STATUS_WRITE_ERROR
                    }
                    sink.pointee.bytes += UnsafeBufferPointer(start: bytes, count: Int(count))
                    return CAIRO_STATUS_SUCCESS
                }, sink)
        }
        guard status == CAIRO_STATUS_SUCCESS else {
            throw SlipPrintingError(.drawingFailed, String(cString: cairo_status_to_string(status)))
        }
        return sink.bytes
    }

    private struct Sink { var bytes: [UInt8] = [] }
}

extension UInt8 {
    fileprivate var reversedBits: UInt8 {
        var bits = self
        bits = bits >> 4 | bits << 4
        bits = (bits & 0xCC) >> 2 | (bits & 0x33) << 2
        return (bits & 0xAA) >> 1 | (bits & 0x55) << 1
    }
}
