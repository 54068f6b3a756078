"""pprof's profile.proto, as far as files go, and what pprof itself demands of a profile (its CheckValid).

The names, numbers and types of the fields are facts of https://github.com/google/pprof/blob/main/proto/profile.proto,
given to the protobuf library, which then does the reading.
"""

import gzip

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MESSAGES = {
    "ValueType": "type=1:int64 unit=2:int64",
    "Label": "key=1:int64 str=2:int64 num=3:int64 num_unit=4:int64",
    "Sample": "location_id=1:uint64* value=2:int64* label=3:Label*",
    "Mapping": "id=1:uint64 memory_start=2:uint64 memory_limit=3:uint64 file_offset=4:uint64 filename=5:int64 build_id=6:int64"
               " has_functions=7:bool has_filenames=8:bool has_line_numbers=9:bool has_inline_frames=10:bool",
    "Line": "function_id=1:uint64 line=2:int64 column=3:int64",
    "Location": "id=1:uint64 mapping_id=2:uint64 address=3:uint64 line=4:Line* is_folded=5:bool",
    "Function": "id=1:uint64 name=2:int64 system_name=3:int64 filename=4:int64 start_line=5:int64",
    "Profile": "sample_type=1:ValueType* sample=2:Sample* mapping=3:Mapping* location=4:Location* function=5:Function*"
               " string_table=6:string* drop_frames=7:int64 keep_frames=8:int64 time_nanos=9:int64 duration_nanos=10:int64"
               " period_type=11:ValueType period=12:int64 comment=13:int64* default_sample_type=14:int64 doc_url=15:int64",
}


def profile_class():
    field_type = descriptor_pb2.FieldDescriptorProto
    scalars = {"int64": field_type.TYPE_INT64, "uint64": field_type.TYPE_UINT64, "bool": field_type.TYPE_BOOL,
               "string": field_type.TYPE_STRING}
    file = descriptor_pb2.FileDescriptorProto(name="profile.proto", package="perftools.profiles", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields.split():
            field, rest = text.split("=")
            number, kind = rest.split(":")
            added = message.field.add(name=field, number=int(number))
            added.label = field_type.LABEL_REPEATED if kind.endswith("*") else field_type.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            added.type = scalars.get(kind, field_type.TYPE_MESSAGE)
            if kind not in scalars:
                added.type_name = ".perftools.profiles." + kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("perftools.profiles.Profile"))


def unknown_fields(message):
    """Field numbers of a message, and of those in it, that the schema has not."""
    from google.protobuf import unknown_fields as library

    found = [field.field_number for field in library.UnknownFieldSet(message)]
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if not hasattr(value, "ListFields") else [value]:
                found += unknown_fields(inner)
    return found


def read(path):
    """The profile in a file; what pprof would refuse is an assertion that fails."""
    with gzip.open(path) as file:
        profile = profile_class().FromString(file.read())
    assert not unknown_fields(profile)
    strings = profile.string_table
    assert strings[0] == ""
    mappings = [mapping.id for mapping in profile.mapping]
    functions = {function.id: function for function in profile.function}
    locations = {location.id: location for location in profile.location}
    assert 0 not in mappings and len(set(mappings)) == len(mappings)
    assert 0 not in functions and len(functions) == len(profile.function)
    assert 0 not in locations and len(locations) == len(profile.location)
    for location in profile.location:
        assert location.mapping_id in mappings
        assert all(line.function_id in functions for line in location.line)
    for sample in profile.sample:
        assert len(sample.value) == len(profile.sample_type)
        assert all(place in locations for place in sample.location_id)
        assert all(label.key and not (label.str and label.num) for label in sample.label)
    places = [function.name for function in profile.function] + [function.filename for function in profile.function]
    places += list(profile.comment) + [mapping.filename for mapping in profile.mapping]
    places += [place for kind in profile.sample_type for place in (kind.type, kind.unit)]
    assert all(0 <= place < len(strings) for place in places)
    return profile


def stacks(profile):
    """Samples of each stack, its names from the outermost in."""
    names = {function.id: profile.string_table[function.name] for function in profile.function}
    locations = {location.id: names[location.line[0].function_id] for location in profile.location}
    result = {}
    for sample in profile.sample:
        stack = tuple(locations[place] for place in reversed(sample.location_id))
        result[stack] = result.get(stack, 0) + sample.value[0]
    return result
