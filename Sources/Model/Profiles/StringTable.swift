/// Strings of a file, each once, named by their places; the first is empty.
struct StringTable {
    private(set) var texts = [""]
    private var places: [String: UInt64] = ["": 0]

    mutating func place(_ text: String) -> UInt64 {
        if let known = places[text] { return known }
        let place = UInt64(texts.count)
        texts.append(text)
        places[text] = place
        return place
    }
}
