internal import Linux
internal import ProcFS

extension Unwinder {
    /// What is known of addresses, asked of each file once; every address has an answer.
    ///
    /// Files are those that are mapped, wherever their paths lead to by now: through the mapping where the kernel lets us, else through
    /// the process's root, where a file that is not the mapped one is not believed.
    ///
    /// - Parameter addresses: ``NativeFrame/lookupAddress`` of frames.
    public func functions(of addresses: some Sequence<UInt64>) -> [UInt64: NativeFunction] {
        var result: [UInt64: NativeFunction] = [:]
        var wanted: [UInt64: (module: Module, addresses: Set<UInt64>)] = [:]
        for address in Set(addresses) {
            if let known = names[address] {
                result[address] = known
            } else if let module = self.addresses.module(of: address) {
                wanted[module.first.start, default: (module, [])].addresses.insert(address)
            } else {
                result[address] = NativeFunction(name: nil, offset: 0, file: nil, fileAddress: address)
            }
        }
        for (module, addresses) in wanted.values {
            let places = addresses.map { $0 &- module.bias }.sorted()
            let found = file(of: module)?.functions(of: places) ?? [:]
            for address in addresses {
                let place = address &- module.bias
                let known = found[place]
                let start = known?.start ?? self.addresses.functionStart(of: address, in: module) ?? place
                let function = NativeFunction(
                    name: known.map { Demangling.name($0.name) }, offset: place &- start,
                    file: module.first.path, fileAddress: place)
                result[address] = function
                if names.count >= Self.nameLimit { names = [:] }
                names[address] = function
            }
        }
        return result
    }

    private func file(of module: Module) -> ElfFile? {
        let mapping = module.first
        if mapping.inode == 0 {
            return ElfFile(addresses.bytes(mapping.start, Int(min(mapping.end - mapping.start, 1 << 20))))
        }
        let range = String(mapping.start, radix: 16) + "-" + String(mapping.end, radix: 16)
        let beginning = addresses.bytes(mapping.start, 4096)
        for path in ["/proc/\(pid)/map_files/\(range)", "/proc/\(pid)/root\(mapping.path)"] {
            guard let opened = try? FileDescriptor.open(path, .nonBlocking) else { continue }
            let file = OpenFile(opened)
            // The first page has the number of the build.
            guard !beginning.isEmpty, file.bytes(0, beginning.count) == beginning else { continue }
            return ElfFile { file.bytes($0, $1) }
        }
        return nil
    }
}

/// A file that is read in pieces.
private final class OpenFile {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    func bytes(_ offset: UInt64, _ count: Int) -> [UInt8] {
        guard let offset = Int64(exactly: offset), count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = (try? descriptor.read(into: &bytes, at: offset)) ?? 0
        bytes.removeLast(count - read)
        return bytes
    }
}
