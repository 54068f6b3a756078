import Testing

@testable import NativeStacks

@Suite struct DemanglingTests {
    @Test func namesOfCppAreReadable() {
        #expect(Demangling.name("_ZN4farm3CowIiE4milkEi") == "farm::Cow<int>::milk(int)")
        #expect(
            Demangling.name("_ZNKSt6vectorIiSaIiEE4sizeEv") == "std::vector<int, std::allocator<int> >::size() const")
        #expect(Demangling.name("_ZN4farm4milkEv.cold") == "farm::milk()")
    }

    @Test func namesOfCAndWhatOnlyLooksMangledStay() {
        for name in ["qsort_r", "_PyEval_EvalFrameDefault.cold", "_Z", "_R", "_Zork", "_ZN", "_RNv", "", "_ZN4"] {
            #expect(Demangling.name(name) == name)
        }
    }

    @Test func namesOfRustAreReadableInBothSchemes() {
        #expect(
            Demangling.name("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE") == "core::fmt::Formatter::pad")
        #expect(
            Demangling.name(
                "_ZN60_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..Drop$GT$4drop17h0123456789abcdefE")
                == "<alloc::vec::Vec<T> as core::ops::Drop>::drop")
        #expect(Demangling.name("_RNvCs1234_7mycrate3foo") == "mycrate::foo")
        #expect(Demangling.name("_RNvMs_Cs4Cv8Wi1oAIB_7mycrateNtB4_7Example3foo") == "<mycrate::Example>::foo")
        #expect(
            Demangling.name("_RNCNvC7mycrate4mains_0") == "mycrate::main::{closure#1}")
        #expect(
            Demangling.name("_RINvNtC3std3mem8align_ofjEC3foo") == "std::mem::align_of<…>")
    }

    @Test func hostileNamesEndSoon() {
        // Each part refers twice to the one before: written out, the name would fill the memory.
        var name = "_Z1fSt4pairIiiE"
        for _ in 0..<200 { name += "S0_S0_" }
        #expect(Demangling.name(name) == name)
        var nested = "_ZN4farm3CowI"
        for part in 0..<60 { nested += "St4pairIS\(part)_S\(part)_E" }
        #expect(Demangling.name(nested + "E4milkEv") == "farm::Cow")
        #expect(Demangling.name("_RB_") == "_RB_")
        #expect(Demangling.name("_RNvB1_1a") == "_RNvB1_1a")
        let deep = "_R" + String(repeating: "Nv", count: 900) + "C1a" + String(repeating: "1b", count: 900)
        #expect(Demangling.name(deep).utf8.count < 8192)
        let long = "_ZN" + String(repeating: "1a", count: 5000) + "E"
        #expect(Demangling.name(long) == long)
    }
}
