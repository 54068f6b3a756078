/// A Python program whose function `hold` has variables of every kind, and says what `repr` makes of each.
enum LocalsProgram {
    /// Lines `name = expression`, one variable each, whose text is that of `repr`; behind `#=` an expression of another text where viv
    /// has a form of its own. `3.8:` before a line is the first version that has it.
    ///
    /// In these expressions `at(x)` is the address of an object as it is printed.
    static let text = #"""
        import collections, datetime, decimal, enum, fractions, functools, pathlib, re, sys, threading, time
        import types, uuid, weakref, array, abc, json, _thread, os, io
        sys.setrecursionlimit(3000)
        try: sys.set_int_max_str_digits(0)
        except AttributeError: pass
        try: import dataclasses
        except ImportError: dataclasses = None
        def at(x): return hex(id(x))
        VERSION = sys.version_info[:2]

        class Plain: pass
        class Empty: pass
        class Slots:
            __slots__ = ("a", "b", "unset")
            def __init__(self): self.a, self.b = 1, "two"
        class MoreSlots(Slots):
            __slots__ = ("c", "__private")
            def __init__(self):
                super().__init__(); self.c = [3]; self.__private = 4
        class SlotsAndDict(Slots):
            def __init__(self): super().__init__(); self.x = 1.5
        class Many:
            def __init__(self):
                for i in range(60): setattr(self, "a%d" % i, i)
        class Ordered:
            def __init__(self, *names):
                for n in names: setattr(self, n, n.upper())
        class MyInt(int): pass
        class MyStr(str): pass
        class MyList(list): pass
        class MyDict(dict): pass
        class MyTuple(tuple): pass
        class MySet(set): pass
        class MyFloat(float): pass
        class MyBytes(bytes): pass
        class MyError(Exception):
            def __init__(self, *a, **k):
                super().__init__(*a)
                for n, v in k.items(): setattr(self, n, v)
        class Color(enum.Enum): RED = 1; BLUE = "b"
        class Number(enum.IntEnum): ONE = 1
        class Perm(enum.Flag): R = 4; W = 2; X = 1
        Point = collections.namedtuple("Point", "x y")
        class Meta(type): pass
        class WithMeta(metaclass=Meta): pass
        class Outer:
            class Inner:
                def method(self): pass
                @classmethod
                def made(cls): pass
        if dataclasses:
            @dataclasses.dataclass
            class Data:
                x: int
                y: str = "why"
                hidden: int = dataclasses.field(default=3, repr=False)
            @dataclasses.dataclass(frozen=True)
            class Frozen:
                z: object = None
            Data2 = Data(1)
        class Local(threading.local): pass
        def plain(a, b=2): return a
        def gen():
            x = 1
            yield x
            yield 2
        async def coro(): pass
        async def agen(): yield 1
        def cell(): 
            inside = [1]
            def f(): return inside
            return f
        ring = [1]; ring.append(ring)
        ring_dict = {"a": 1}; ring_dict["self"] = ring_dict
        ring_tuple = ([],); ring_tuple[0].append(ring_tuple)
        ring_deque = collections.deque([1]); ring_deque.append(ring_deque)
        ring_object = Plain(); ring_object.me = ring_object
        nested = []
        for _ in range(20): nested = [nested]
        moved = collections.OrderedDict([("a", 1), ("b", 2), ("c", 3)]); moved.move_to_end("a")
        holes = {i: i for i in range(20)}
        for i in range(15): del holes[i]
        holes_set = set(range(100))
        for i in range(90): holes_set.discard(i)
        started = gen(); next(started)
        over = gen(); list(over)
        waiting = coro()
        ordered = Ordered("b", "a"); another = Ordered("a", "b", "c"); del another.b; another.b = 7
        asked = Ordered("k"); asked.__dict__
        replaced = Ordered("k"); replaced.__dict__ = {"z": 1}
        taken = _thread.allocate_lock(); taken.acquire()
        reentrant = threading.RLock(); reentrant.acquire(); reentrant.acquire()
        dead = weakref.ref(Plain())
        plain_object = Plain(); plain_object.name = "x"; plain_object.items = [1, 2]
        parent = Plain(); parent.child = Plain(); parent.child.child = Plain(); parent.child.child.x = 1
        string_path = pathlib.Path("/usr//lib/./x"); str(string_path)
        parts_path = pathlib.PurePosixPath("a", "../b"); parts_path.parts
        released = memoryview(b"abc"); released.release()
        emptied = collections.deque(range(200), maxlen=100)
        for _ in range(70): emptied.popleft()
        attributed = MyList([1]); attributed.name = "n"
        bound = plain_object
        try: import zoneinfo; far_zone = zoneinfo.ZoneInfo("Europe/Berlin")
        except Exception: far_zone = None

        LINES = r'''
        zero = 0
        one = 1
        minus = -1
        small = 2**30 - 1
        thirty = 2**30
        sixty = -(2**60) + 1
        sixtythree = 2**63
        big = 3**1000
        bigger = -(7**3000)
        thousands = 10**4000
        beyond = 10**5000 #= "<int of %d bits>" % (10**5000).bit_length()
        beyond_negative = -(2**200000) #= "<negative int of 200001 bits>"
        limit = 10**4300 - 1
        over_limit = 10**4300 #= "<int of %d bits>" % (10**4300).bit_length()
        true = True
        false = False
        none = None
        dots = Ellipsis
        notimpl = NotImplemented
        float_zero = 0.0
        float_minus_zero = -0.0
        float_tenth = 0.1
        float_third = 1/3
        float_sum = 0.1 + 0.2
        float_e16 = 1e16
        float_e15 = 1e15
        float_9 = 9007199254740993.0
        float_123 = 123456789012345680.0
        float_em4 = 0.0001
        float_em5 = 0.00001
        float_small = 5e-324
        float_max = 1.7976931348623157e308
        float_min = 2.2250738585072014e-308
        float_inf = float("inf")
        float_minf = -float("inf")
        float_nan = float("nan")
        float_half = 1234.5
        float_2e23 = 2e23
        float_e22 = 1e22
        float_99 = 9.5367431640625e-07
        complex_1 = 1+2j
        complex_2 = -1.5-0.25j
        complex_3 = 3j
        complex_4 = complex(-0.0, 1)
        complex_5 = complex(1, -0.0)
        complex_6 = complex(float("nan"), float("inf"))
        complex_7 = 1e20+1e-7j
        complex_8 = complex(0, float("-inf"))
        empty_str = ""
        str_plain = "hello"
        str_quote = "it's"
        str_double = 'say "hi"'
        str_both = 'it\'s "both"'
        str_escapes = "a\tb\nc\rd\\e\0f\x1b[31m\x7f"
        str_latin = "naïve ÿ \x80\x9f\xa0\xad"
        str_two = "待つ Ωμ \u200b\u2028\u202e\ufeff"
        str_four = "𐐀🐍 \U0001f600 \U000e0001 \U0010ffff"
        str_surrogate = "a\ud800b\udfff"
        str_space = "\u3000\u2003 x"
        str_combining = "e\u0301 ä"
        str_long = "x" * 5000
        bytes_empty = b""
        bytes_all = bytes(range(256))
        bytes_quote = b"it's"
        bytes_both = b"it's \"x\""
        barray = bytearray(b"abc\x00'")
        barray_cut = (lambda b: (b.__delitem__(slice(0, 2)), b)[1])(bytearray(b"abcdef"))
        mview = memoryview(b"abc") #= "<memory at %s: b'abc'>" % at(mview)
        mview_slice = memoryview(b"abcdef")[1:3] #= "<memory at %s: b'bc'>" % at(mview_slice)
        mview_gone = released
        list_empty = []
        list_1 = [1]
        list_mixed = [1, "two", 3.0, None, [4, [5]]]
        list_long = list(range(500))
        list_ring = ring
        list_deep = nested
        tuple_empty = ()
        tuple_1 = (1,)
        tuple_2 = (1, "a")
        tuple_ring = ring_tuple
        dict_empty = {}
        dict_1 = {"a": 1, 2: "b", None: [], (1, 2): {}}
        dict_order = {k: k for k in "zyxabc"}
        dict_holes = holes
        dict_ring = ring_dict
        dict_int = {1: 2, 3: 4}
        dict_large = {i: str(i) for i in range(1000)}
        dict_of_object = ordered.__dict__
        set_empty = set()
        set_1 = {1}
        set_strings = {"alpha", "beta", "gamma", "delta"}
        set_numbers = {5, 3, 1, 100, 1000, -7}
        set_holes = holes_set
        frozen_empty = frozenset()
        frozen = frozenset([1, 2, (3, 4)])
        deque_empty = collections.deque()
        deque_1 = collections.deque([1, 2, 3])
        deque_max = collections.deque([1, 2, 3], maxlen=2)
        deque_long = emptied
        deque_ring = ring_deque
        odict = collections.OrderedDict([("a", 1), ("b", [2])])
        odict_empty = collections.OrderedDict()
        odict_moved = moved
        ddict = collections.defaultdict(list, {"a": [1]})
        ddict_none = collections.defaultdict(None)
        ddict_lambda = collections.defaultdict(plain)
        counter = collections.Counter("abracadabra")
        counter_empty = collections.Counter()
        point = Point(1, "two")
        proxy = types.MappingProxyType({"a": 1})
        namespace = types.SimpleNamespace(b=1, a=[2])
        keys = {"a": 1}.keys()
        values = {"a": 1}.values()
        items = {"a": 1}.items()
        range_1 = range(10)
        range_2 = range(1, 10, 3)
        range_big = range(-10**30, 10**30)
        slice_1 = slice(3)
        slice_2 = slice(None, "x", [1])
        date = datetime.date(2024, 2, 29)
        date_1 = datetime.date(1, 1, 1)
        datetime_1 = datetime.datetime(2024, 2, 29, 12, 30)
        datetime_2 = datetime.datetime(2024, 2, 29, 12, 30, 15)
        datetime_3 = datetime.datetime(2024, 2, 29, 12, 30, 0, 123456)
        datetime_4 = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc)
        datetime_5 = datetime.datetime(2024, 2, 29, 12, 30, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=-5), "EST"), fold=1)
        time_1 = datetime.time(1, 2)
        time_2 = datetime.time(1, 2, 3, 4, tzinfo=datetime.timezone(datetime.timedelta(hours=2)), fold=1)
        delta_0 = datetime.timedelta(0)
        delta_1 = datetime.timedelta(days=-1, seconds=5)
        delta_2 = datetime.timedelta(microseconds=7)
        delta_3 = datetime.timedelta(days=999999999, hours=23, microseconds=1)
        utc = datetime.timezone.utc
        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        decimal_1 = decimal.Decimal("1.50")
        decimal_2 = decimal.Decimal("-0.0000001")
        decimal_3 = decimal.Decimal("1E+30")
        decimal_4 = decimal.Decimal("NaN")
        decimal_5 = decimal.Decimal("-Infinity")
        decimal_6 = decimal.Decimal("123456789012345678901234567890.123456789012345678901234567890")
        decimal_7 = decimal.Decimal("0")
        decimal_8 = decimal.Decimal("-0E-10")
        decimal_9 = decimal.Decimal("sNaN123")
        decimal_10 = decimal.Decimal(10) ** 25
        decimal_11 = decimal.Decimal("12345678901234567890") * 10**19
        fraction = fractions.Fraction(-3, 7)
        uuid_1 = uuid.UUID("12345678-1234-5678-1234-567812345678")
        uuid_2 = uuid.UUID(int=5)
        path_1 = pathlib.Path("/usr//lib/./x")
        path_2 = pathlib.Path("relative/dir")
        path_3 = pathlib.Path()
        path_4 = pathlib.PurePosixPath("a", "../b")
        path_5 = pathlib.Path("/")
        path_6 = string_path
        path_7 = parts_path
        path_8 = pathlib.Path("x/y") / "z.txt"
        path_9 = pathlib.PurePosixPath("//net/x")
        color = Color.RED
        color_2 = Color.BLUE
        number = Number.ONE
        perm = Perm.R
        pattern = re.compile("a(b)?'")
        pattern_2 = re.compile(b"x", re.IGNORECASE | re.MULTILINE | re.DOTALL)
        pattern_3 = re.compile("x", re.ASCII | re.VERBOSE)
        error = ValueError("bad", 1)
        error_1 = KeyError("k")
        error_0 = RuntimeError()
        error_os = OSError(2, "No such file or directory")
        error_my = MyError("x", code=5, ring=None) #= "MyError('x', code=5, ring=None)" if VERSION > (3, 6) else "MyError('x',, code=5, ring=None)"
        error_stop = StopIteration([1])
        error_unicode = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")
        function = plain
        function_lambda = lambda: 0
        function_inner = cell()
        builtin = len
        builtin_method = [].append
        class_method = Outer.Inner.made
        bound_method = Outer.Inner().method
        bound_builtin = "abc".join
        class_int = int
        class_plain = Plain
        class_inner = Outer.Inner
        class_meta = WithMeta
        class_meta_2 = Meta
        class_deque = collections.deque
        class_decimal = decimal.Decimal
        class_enum = Color
        class_flag = Perm #= repr(Perm)
        class_error = ValueError
        module = json
        module_sys = sys
        module_main = sys.modules["__main__"]
        module_new = types.ModuleType("made")
        module_os = os
        module_time = time
        module_ext = sys.modules.get("_decimal")
        code = plain.__code__
        generator = gen() #= repr(generator)[:-1] + ", created>"
        generator_2 = started #= repr(started)[:-1] + ", suspended>"
        generator_3 = over #= repr(over)[:-1] + ", finished>"
        coroutine = waiting #= repr(waiting)[:-1] + ", created>"
        async_generator = agen() #= repr(async_generator)[:-1] + ", created>"
        slot_wrapper = int.__add__
        method_descriptor = str.join
        weak = weakref.ref(plain_object)
        weak_dead = dead
        weak_class = weakref.ref(int)
        weak_function = weakref.ref(plain)
        proxy_weak = weakref.proxy(plain_object) #= "<weakproxy at %s; to '%s' at %s>" % (at(proxy_weak), "Plain", at(plain_object))
        lock = _thread.allocate_lock()
        lock_taken = taken
        rlock = threading.RLock()
        rlock_taken = reentrant
        partial = functools.partial(plain, 1, b=[2])
        partial_0 = functools.partial(len)
        closure_cell = function_inner.__closure__[0]
        struct_time = time.struct_time((2024, 1, 2, 3, 4, 5, 6, 7, 0))
        version_flags = sys.hash_info
        plain_1 = plain_object #= "<Plain name='x', items=[1, 2]>"
        plain_2 = Empty()
        plain_3 = parent #= "<Plain child=<Plain child=<Plain …>>>"
        plain_ring = ring_object #= "<Plain me=<Plain ...>>"
        slots = Slots() #= "<Slots a=1, b='two'>"
        slots_2 = MoreSlots() #= "<MoreSlots a=1, b='two', %s>" % ", ".join({"c": "c=[3]"}.get(n, "_MoreSlots__private=4") for n in sorted(["c", "_MoreSlots__private"]))
        slots_3 = SlotsAndDict() #= "<SlotsAndDict a=1, b='two', x=1.5>"
        many = Many() #= "<Many " + ", ".join("a%d=%d" % (i, i) for i in range(60)) + ">"
        object_order = ordered #= "<Ordered b='B', a='A'>"
        object_order_2 = another #= "<Ordered " + ", ".join("%s=%r" % p for p in another.__dict__.items()) + ">"
        object_asked = asked #= "<Ordered k='K'>"
        object_replaced = replaced #= "<Ordered z=1>"
        object_object = object()
        my_int = MyInt(5) #= "MyInt(5)"
        my_str = MyStr("it's é待") #= "MyStr(\"it's é待\")"
        my_list = MyList([1, 2]) #= "MyList([1, 2])"
        my_list_2 = attributed #= "MyList([1], name='n')"
        my_dict = MyDict(a=1) #= "MyDict({'a': 1})"
        my_tuple = MyTuple((1, 2)) #= "MyTuple((1, 2))"
        my_set = MySet([1])
        my_float = MyFloat(2.5) #= "MyFloat(2.5)"
        my_bytes = MyBytes(b"x") #= "MyBytes(b'x')"
        inner = Outer.Inner()
        meta = WithMeta()
        3.7: data = Data2
        3.7: data_2 = Data([1], "z")
        3.7: data_3 = Frozen(Data2)
        3.9: zone_info = far_zone
        3.12: plain_type = type(lambda: 0)
        3.15: frozen_dict = frozendict(a=1, b=[2])
        3.15: frozen_dict_empty = frozendict()
        '''.strip().splitlines()

        source, expected = "def hold():\n", []
        for line in LINES:
            if line[:2] == "3." and line[3 if line[3] == ":" else 4] == ":":
                number, line = line.split(": ", 1)
                if VERSION < tuple(map(int, number.split("."))): continue
            code, _, text = line.partition(" #= ")
            name = code.split(" = ")[0]
            source += "    " + code + "\n"
            expected.append("    say(%r, %s, %s)\n" % (name, name, text if text else "repr(%s)" % name))
        def say(name, value, text):
            print("value", name, text.encode("utf-8", "surrogatepass").hex())
        source += "".join(expected) + "    stand()\n"
        def stand():
            print("end", flush=True)
            sys.stdin.readline()
        exec(source)
        hold()
        """#
}
