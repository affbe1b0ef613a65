// A spreadsheet -> vacancies, each bad row with its number and reason; a bad row never stops the good ones.

public import JobFair

/// Reads the bytes of a bureau's sheet. Pure: nothing is opened, nothing kept.
public struct VacancyReader: Sendable {
    private let mapping: ColumnMapping?
    private let sheetName: String?
    private let regions: RegionFinder
    private let occupation: @Sendable (String) -> Occupation?

    /// `mapping`: for sheets whose headers are unknown. `sheetName`: nil reads the first visible sheet with a header.
    /// `regions`: to give workplaces their code. `occupation`: which tile a title belongs to.
    public init(
        mapping: ColumnMapping? = nil, sheetName: String? = nil, regions: RegionFinder = RegionFinder([]),
        occupation: @escaping @Sendable (String) -> Occupation? = { _ in nil }
    ) {
        self.mapping = mapping
        self.sheetName = sheetName
        self.regions = regions
        self.occupation = occupation
    }

    /// Throws where the file as a whole cannot be read.
    public func read(_ bytes: [UInt8]) throws(SheetError) -> ImportReading {
        let file = try SheetFile(bytes)
        let names = file.sheetNames
        var isEmpty = true
        for name in sheetName.map({ [$0] }) ?? Array(names.prefix(SheetLimits.sheetsTriedMax)) {
            let sheet = try file.sheet(name)
            if sheet.rows.isEmpty { continue }
            isEmpty = false
            guard let layout = try LayoutFinder(sheet: sheet, mapping: mapping).find() else { continue }
            guard layout.places[.employer] != nil || layout.presets[.employer] != nil else {
                throw SheetError(.headerWithoutEmployer)
            }
            var reading = ImportReading(
                source: sheet.source, sheetName: name, otherSheets: names.filter { $0 != name },
                columns: layout.columns)
            reading.hiddenRows = sheet.hiddenRows
            reading.brokenCharacters = sheet.brokenCharacters
            var rows = RowsReader(sheet: sheet, layout: layout, regions: regions, occupation: occupation)
            rows.read(into: &reading)
            return reading
        }
        throw SheetError(isEmpty ? .sheetEmpty : .headerMissing)
    }
}
