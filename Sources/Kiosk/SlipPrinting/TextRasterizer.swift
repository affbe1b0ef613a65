// The seam to the only code that touches fonts.

/// How a piece of text is set. Sizes are in dots: at 203 dpi, 8 dots are a millimetre.
public struct TextStyle: Hashable, Sendable {
    public enum Weight: String, Sendable { case regular, bold }
    public enum Alignment: String, Sendable { case start, center, end }

    /// The em: the height of a Chinese character.
    public var sizeDots: Int
    public var weight: Weight
    public var alignment: Alignment
    /// What does not fit into so many lines ends in `…`.
    public var linesMax: Int

    public init(sizeDots: Int, weight: Weight = .regular, alignment: Alignment = .start, linesMax: Int = 1) {
        precondition(sizeDots > 0 && linesMax > 0, "text has a size and a line")
        self.sizeDots = sizeDots
        self.weight = weight
        self.alignment = alignment
        self.linesMax = linesMax
    }

    /// From one line to the next: a third of the size is leading.
    public var pitchDots: Int { (sizeDots * 4 + 2) / 3 }
}

/// What a text takes up.
public struct TextMeasure: Hashable, Sendable {
    /// As they were broken. Where not all is shown, the last line here holds all the rest and a `…`.
    public var lines: [String]
    /// Something was left out.
    public var isCut: Bool
    /// Of the widest line.
    public var widthDots: Int
    public var heightDots: Int

    public init(lines: [String], isCut: Bool, widthDots: Int, heightDots: Int) {
        self.lines = lines
        self.isCut = isCut
        self.widthDots = widthDots
        self.heightDots = heightDots
    }
}

/// Sets text: the same call measures and draws, so that both always agree.
public protocol TextRasterizer: Sendable {
    /// - Parameter widthDots: where lines are broken.
    func measure(_ text: String, style: TextStyle, widthDots: Int) throws(SlipPrintingError) -> TextMeasure

    /// Draws into `bitmap` with the upper left corner of the text's box at `x`, `y`.
    ///
    /// - Parameter black: false draws white letters, for a box that was filled before.
    func draw(
        _ text: String, style: TextStyle, widthDots: Int, x: Int, y: Int, black: Bool, into bitmap: inout Bitmap
    ) throws(SlipPrintingError)

    /// The code points of `text` that no installed font of ours can draw, each once, in order.
    func unknownScalars(in text: String) throws(SlipPrintingError) -> [Unicode.Scalar]
}
