/// A class, and how its instances are printed.
struct ValueClass {
    /// How instances are printed.
    enum Form: Equatable {
        /// By what the class, which is written in C, keeps in them.
        case native
        case exception
        /// As what the class continues, with the name of the class around: `MyList([1, 2])`.
        case wrapped
        /// With their attributes: `<Service name='x'>`.
        case object
        /// `<Color.RED: 1>`
        case member
        /// `Point(x=1, y=2)`, of a tuple.
        case namedTuple([String])
        /// `Point(x=1, y=2)`, of an object; nil where the class makes its own text.
        case dataclass([String])
        case counter, fraction, decimal, uuid, path
    }

    let type: RemoteType
    /// The class, and those whose structure it continues.
    let chain: [RemoteType]
    /// The first of these that is written in C.
    let native: RemoteType
    /// Dotted name, without the module.
    let qualifiedName: String
    /// Dotted name with the module, unless that is `builtins`.
    let fullName: String
    let form: Form

    init<Memory: RemoteMemory & ~Copyable>(_ type: RemoteType, _ layout: PythonLayout, _ memory: inout Memory) {
        self.type = type
        chain = layout.chain(of: type, in: &memory)
        native = chain.first { !$0.isWrittenInPython } ?? type
        qualifiedName = ValueReader.harmless(layout.qualifiedName(of: type, in: &memory))
        let module = layout.module(of: type, in: &memory).map(ValueReader.harmless)
        fullName =
            module == "builtins" || module == nil ? qualifiedName : (module ?? "") + "." + qualifiedName
        let isPlain = native.name == "object" && native.address != type.address
        if type.isOf(.exception) {
            form = .exception
        } else if !type.isWrittenInPython || type.isOf(.type) {
            form = .native
        } else {
            form = ValueClass.form(chain, module, qualifiedName, isPlain: isPlain, layout, &memory)
        }
    }

    /// How instances of a class that is written in Python are printed.
    private static func form<Memory: RemoteMemory & ~Copyable>(
        _ chain: [RemoteType], _ module: String?, _ name: String, isPlain: Bool, _ layout: PythonLayout,
        _ memory: inout Memory
    ) -> Form {
        guard let type = chain.first else { return .object }
        if let metatype = layout.type(at: type.metatype, in: &memory),
            layout.chain(of: metatype, in: &memory).contains(where: { ["EnumMeta", "EnumType"].contains($0.name) })
        {
            return .member
        }
        if type.isOf(.tuple), let fields = layout.classAttribute("_fields", chain: chain, in: &memory),
            let names = names(inTuple: fields, layout, &memory)
        {
            return .namedTuple(names)
        }
        if isPlain, let fields = layout.classAttribute("__dataclass_fields__", chain: chain, in: &memory),
            let names = dataclassFields(fields, layout, &memory)
        {
            return .dataclass(names)
        }
        return known(module, name) ?? (isPlain ? .object : .wrapped)
    }

    /// Classes of the standard library whose text is not their attributes.
    private static func known(_ module: String?, _ name: String) -> Form? {
        switch (module, name) {
        case ("collections", "Counter"): .counter
        case ("fractions", "Fraction"): .fraction
        case ("decimal", "Decimal"), ("_pydecimal", "Decimal"): .decimal
        case ("uuid", "UUID"): .uuid
        case ("pathlib", _), ("pathlib._local", _), ("pathlib._types", _):
            ["Path", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "PurePath"].contains(name)
                ? .path : nil
        default: nil
        }
    }

    /// Names in a tuple of texts; nil when it is none.
    private static func names<Memory: RemoteMemory & ~Copyable>(
        inTuple tuple: RemoteAddress, _ layout: PythonLayout, _ memory: inout Memory
    ) -> [String]? {
        guard layout.type(of: tuple, in: &memory)?.isOf(.tuple) == true,
            let items = layout.items(ofTuple: tuple, limit: 1000, in: &memory)
        else { return nil }
        let names = items.addresses.compactMap { layout.text(at: $0, limit: 256, in: &memory) }
        return names.count == items.count ? names : nil
    }

    /// Names of a dataclass's fields that its text has. Source: `dataclasses.Field.repr`.
    private static func dataclassFields<Memory: RemoteMemory & ~Copyable>(
        _ fields: RemoteAddress, _ layout: PythonLayout, _ memory: inout Memory
    ) -> [String]? {
        guard layout.type(of: fields, in: &memory)?.isOf(.dict) == true,
            let entries = layout.orderedEntries(ofDict: fields, limit: 1000, in: &memory)
        else { return nil }
        var names: [String] = []
        for entry in entries.entries {
            guard let name = layout.text(at: entry.key, limit: 256, in: &memory) else { return nil }
            let attributes = layout.instanceAttributes(of: entry.value, in: &memory)
            func flag(_ name: String) -> RemoteInteger? {
                attributes.first { $0.name == name }.flatMap { layout.integer(at: $0.value, in: &memory) }
            }
            // `ClassVar` and `InitVar` are in the dictionary as well, as fields of another type.
            let kind = attributes.first { $0.name == "_field_type" }
                .flatMap { layout.attribute("name", of: $0.value, in: &memory) }
                .flatMap { layout.text(at: $0, limit: 64, in: &memory) }
            if flag("repr")?.digits == [1], kind == nil || kind == "_FIELD" { names.append(name) }
        }
        return names
    }
}
