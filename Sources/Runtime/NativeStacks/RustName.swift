/// A name in Rust's second scheme, RFC 2603: paths are made readable, the types that they are made for are left out as `…`.
struct RustName {
    /// Such as `<alloc::vec::Vec<…> as core::iter::Extend<…>>::extend`.
    private(set) var text = ""

    private let bytes: [UInt8]
    private var place = 2
    /// Steps that are left: a hostile name refers to itself.
    private var steps = 2000
    /// Whether text is wanted: the inside of what is left out is not.
    private var isSilent = false

    /// Reads a whole symbol, `_R` included; nil when it is none of the scheme.
    init?(_ symbol: [UInt8]) {
        bytes = symbol
        guard path(), !text.isEmpty else { return nil }
    }

    private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func take() -> UInt8 {
        defer { place += 1 }
        return next
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func write(_ words: String) {
        if !isSilent, text.utf8.count < 4096 { text += words }
    }

    private mutating func path() -> Bool {
        steps -= 1
        guard steps > 0 else { return false }
        switch take() {
        case UInt8(ascii: "C"):
            return identifier() != nil
        case UInt8(ascii: "N"):
            let space = take()
            guard path(), let name = identifier(silently: true) else { return false }
            if name.text.isEmpty || (65...90).contains(space) {
                let kind = space == UInt8(ascii: "C") ? "closure" : space == UInt8(ascii: "S") ? "shim" : "other"
                write("::{\(kind)\(name.text.isEmpty ? "" : ":" + name.text)#\(name.number)}")
            } else {
                write("::" + name.text)
            }
            return true
        case UInt8(ascii: "M"):
            guard implementation() else { return false }
            write("<")
            guard type() else { return false }
            write(">")
            return true
        case UInt8(ascii: "X"):
            guard implementation() else { return false }
            return asTrait()
        case UInt8(ascii: "Y"):
            return asTrait()
        case UInt8(ascii: "I"):
            guard path() else { return false }
            write("<…>")
            return silently { name in
                while !name.skip("E") { guard name.argument() else { return false } }
                return true
            }
        case UInt8(ascii: "B"):
            return backReference { $0.path() }
        default:
            return false
        }
    }

    private mutating func asTrait() -> Bool {
        write("<")
        guard type() else { return false }
        write(" as ")
        guard path() else { return false }
        write(">")
        return true
    }

    private mutating func implementation() -> Bool {
        if next == UInt8(ascii: "s") { _ = disambiguator() }
        return silently { $0.path() }
    }

    private mutating func argument() -> Bool {
        switch next {
        case UInt8(ascii: "L"):
            place += 1
            return base62() != nil
        case UInt8(ascii: "K"):
            place += 1
            return constant()
        default: return type()
        }
    }

    private mutating func constant() -> Bool {
        steps -= 1
        guard steps > 0 else { return false }
        if skip("B") { return backReference { $0.constant() } }
        if skip("p") { return true }
        place += 1
        _ = skip("n")
        while next != 0, next != UInt8(ascii: "_") { place += 1 }
        return skip("_")
    }

    private static let basic: [UInt8: String] = [
        UInt8(ascii: "a"): "i8", UInt8(ascii: "b"): "bool", UInt8(ascii: "c"): "char", UInt8(ascii: "d"): "f64",
        UInt8(ascii: "e"): "str", UInt8(ascii: "f"): "f32", UInt8(ascii: "h"): "u8", UInt8(ascii: "i"): "isize",
        UInt8(ascii: "j"): "usize", UInt8(ascii: "l"): "i32", UInt8(ascii: "m"): "u32", UInt8(ascii: "n"): "i128",
        UInt8(ascii: "o"): "u128", UInt8(ascii: "p"): "_", UInt8(ascii: "s"): "i16", UInt8(ascii: "t"): "u16",
        UInt8(ascii: "u"): "()", UInt8(ascii: "v"): "...", UInt8(ascii: "x"): "i64", UInt8(ascii: "y"): "u64",
        UInt8(ascii: "z"): "!",
    ]

    private mutating func type() -> Bool {
        steps -= 1
        guard steps > 0 else { return false }
        if let name = Self.basic[next] {
            place += 1
            write(name)
            return true
        }
        switch next {
        case UInt8(ascii: "R"), UInt8(ascii: "Q"):
            let isMutable = take() == UInt8(ascii: "Q")
            if skip("L"), base62() == nil { return false }
            write(isMutable ? "&mut " : "&")
            return type()
        case UInt8(ascii: "P"), UInt8(ascii: "O"):
            write(take() == UInt8(ascii: "O") ? "*mut " : "*const ")
            return type()
        case UInt8(ascii: "S"):
            place += 1
            write("[")
            guard type() else { return false }
            write("]")
            return true
        case UInt8(ascii: "A"):
            place += 1
            write("[")
            guard type(), constant() else { return false }
            write("; …]")
            return true
        case UInt8(ascii: "T"):
            place += 1
            write("(…)")
            return silently { name in
                while !name.skip("E") { guard name.type() else { return false } }
                return true
            }
        case UInt8(ascii: "F"):
            place += 1
            write("fn(…)")
            return silently { $0.signature() }
        case UInt8(ascii: "D"):
            place += 1
            write("dyn …")
            return silently { $0.bounds() }
        case UInt8(ascii: "B"):
            place += 1
            return backReference { $0.type() }
        default:
            return path()
        }
    }

    private mutating func signature() -> Bool {
        if skip("G"), base62() == nil { return false }
        _ = skip("U")
        if skip("K"), !skip("C"), identifier() == nil { return false }
        while !skip("E") { guard type() else { return false } }
        return type()
    }

    private mutating func bounds() -> Bool {
        if skip("G"), base62() == nil { return false }
        while !skip("E") {
            guard path() else { return false }
            while skip("p") { guard identifier() != nil, type() else { return false } }
        }
        return skip("L") && base62() != nil
    }

    // MARK: Parts

    private mutating func silently(_ body: (inout RustName) -> Bool) -> Bool {
        let before = isSilent
        isSilent = true
        defer { isSilent = before }
        return body(&self)
    }

    private mutating func backReference(_ body: (inout RustName) -> Bool) -> Bool {
        let here = place - 1
        guard let target = base62(), target >= 0, target < here - 2 else { return false }
        let after = place
        place = target + 2
        defer { place = after }
        return body(&self)
    }

    private mutating func disambiguator() -> Int {
        guard skip("s"), let number = base62() else { return 0 }
        return number &+ 1
    }

    private mutating func identifier(silently: Bool = false) -> (text: String, number: Int)? {
        let number = disambiguator()
        _ = skip("u")
        guard (48...57).contains(next) else { return nil }
        var length = 0
        if next == 48 {
            place += 1
        } else {
            while (48...57).contains(next), length < 4096 { length = length * 10 + Int(take() - 48) }
        }
        _ = skip("_")
        guard place + length <= bytes.count else { return nil }
        let name = String(decoding: bytes[place..<place + length], as: UTF8.self)
        place += length
        if !silently { write(name) }
        return (name, number)
    }

    /// A number whose last digit is an underscore: `_` is 0, `0_` is 1.
    private mutating func base62() -> Int? {
        if skip("_") { return 0 }
        var value = 0
        while next != UInt8(ascii: "_") {
            let digit: Int
            switch next {
            case 48...57: digit = Int(next) - 48
            case 97...122: digit = Int(next) - 97 + 10
            case 65...90: digit = Int(next) - 65 + 36
            default: return nil
            }
            // Hashes are larger than any place in the name.
            value = value &* 62 &+ digit
            place += 1
        }
        place += 1
        return value &+ 1
    }
}
