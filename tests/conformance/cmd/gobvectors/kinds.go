package main

import (
	"encoding/gob"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
)

type fixedStream struct {
	name   string
	values []any
}

// Named types, so that every kind occurs with and without a name, inside itself and inside others.
type (
	Person struct {
		Name    string
		Age     int
		Emails  []string
		Friends map[string]*Person
		Boss    *Person
	}
	Scalars struct {
		Bool       bool
		Int        int
		Int8       int8
		Int64      int64
		Uint       uint
		Uint8      uint8
		Uint64     uint64
		Uintptr    uintptr
		Float32    float32
		Float64    float64
		Complex64  complex64
		Complex128 complex128
		String     string
		Bytes      []byte
		hidden     int
		Channel    chan int
		Function   func()
	}
	Composites struct {
		Slice    []int
		Matrix   [][]float64
		Array    [3]int
		Bytes4   [4]byte
		Empty    [0]int
		Map      map[string]int
		ByArray  map[[2]int]string
		ByStruct map[Point]string
		ByFloat  map[float64]bool
		ByAny    map[any]string
		Pointers []*Point
		Pointer  **int
		Embedded
	}
	Embedded struct{ Inside string }
	Point    struct{ X, Y int }
	Box      struct {
		Label  string
		Inner  any
		Items  []any
		ByName map[string]any
		Pair   [2]any
		After  int
	}
	Nothing struct{}
	Tree    []Tree
	Ring    map[string]Ring
	Celsius float64
	Even    struct{ Left *Odd }
	Odd     struct {
		Right *Even
		Value any
	}
	Versioned struct {
		Before string
		When   time.Time
		Then   *time.Time
		Raw    Reversed
		Times  []time.Time
	}
	// Reversed is a BinaryMarshaler: its text backwards.
	Reversed struct{ text string }
)

func (r Reversed) MarshalBinary() ([]byte, error) {
	return []byte(reverse(r.text)), nil
}

func (r *Reversed) UnmarshalBinary(data []byte) error {
	r.text = reverse(string(data))
	return nil
}

func reverse(text string) string {
	var out strings.Builder
	for i := len(text) - 1; i >= 0; i-- {
		out.WriteByte(text[i])
	}
	return out.String()
}

// registered has the names of the types that interfaces hold here.
var registered = map[reflect.Type]string{
	reflect.TypeFor[bool]():       "bool",
	reflect.TypeFor[int]():        "int",
	reflect.TypeFor[uint8]():      "uint8",
	reflect.TypeFor[float64]():    "float64",
	reflect.TypeFor[complex128](): "complex128",
	reflect.TypeFor[string]():     "string",
	reflect.TypeFor[[]byte]():     "[]uint8",
	reflect.TypeFor[[]string]():   "[]string",
}

func register(name string, value any) {
	gob.RegisterName(name, value)
	base := reflect.TypeOf(value)
	for base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	registered[base] = name
}

func init() {
	register("Person", new(Person))
	register("Point", Point{})
	register("Box", Box{})
	register("Nothing", Nothing{})
	register("Tree", Tree{})
	register("Even", Even{})
	register("Celsius", Celsius(0))
	register("Versioned", Versioned{})
	register("Reversed", Reversed{})
	register("time", time.Time{})
	register("anys", []any{})
	register("points", map[string]Point{})
	register("corners", [2]Point{})
}

func pointer[T any](value T) *T { return &value }

// asAny gives a pointer to an interface variable: gob then sends an interface at the top level, as net/rpc does.
func asAny(value any) any { return &value }

func fixedStreams() []fixedStream {
	return append(append(kinds(), interfaces()...), argoStreams()...)
}

func kinds() []fixedStream {
	moment := time.Date(2024, 5, 17, 8, 30, 15, 123456789, time.UTC)
	nan := math.NaN()
	return []fixedStream{
		{"bool", []any{pointer(true), pointer(false)}},
		{"int", ints()},
		{"uint", []any{pointer(uint(0)), pointer(uint8(127)), pointer(uint16(128)), pointer(uint64(math.MaxUint64))}},
		{"float", []any{pointer(0.0), pointer(math.Copysign(0, -1)), pointer(17.0), pointer(float32(0.1)), pointer(math.Inf(-1)),
			pointer(nan), pointer(math.SmallestNonzeroFloat64), pointer(math.MaxFloat64)}},
		{"complex", []any{pointer(complex(1.5, -2)), pointer(complex64(0))}},
		{"string", []any{pointer(""), pointer("hello"), pointer("\xff\xfe kein UTF-8"), pointer("\u00e9\U0001f600"),
			pointer(strings.Repeat("long ", 60))}},
		{"bytes", []any{pointer([]byte{}), pointer([]byte{0, 1, 255})}},
		{"scalars", []any{&Scalars{}, &Scalars{true, -1, -128, math.MinInt64, 1, 255, math.MaxUint64, 9, 0.5, -0.25, 1i, 2 + 3i, "s",
			[]byte("b"), 7, nil, nil}}},
		{"composites", []any{&Composites{}, composites()}},
		{"sequences", []any{pointer([]int{}), pointer([]string{"", "a"}), pointer([2]bool{false, true}), pointer([][]int{nil, {1}}),
			pointer([]*int{pointer(0), pointer(1)}), pointer([]Nothing{{}, {}}), pointer([3]Nothing{})}},
		{"maps", []any{pointer(map[string]string{}), pointer(map[string]string{"a": "", "": "b"}), pointer(map[int]*Point{1: {}, 2: {3, 4}}),
			pointer(map[float64]int{nan: 1, math.Inf(1): 2}), pointer(map[bool]map[int]string{true: {1: "x"}, false: nil})}},
		{"recursive", []any{person(), &Tree{{}, {{}, {}}}, &Ring{"a": {"b": nil}}, &Even{&Odd{&Even{}, nil}}}},
		{"opaque", []any{pointer(moment), &Versioned{}, &Versioned{"a", moment, pointer(time.Time{}), Reversed{"abc"}, []time.Time{moment, {}}},
			&Reversed{""}, pointer(map[string]time.Time{"x": moment})}},
		{"empty struct", []any{&Nothing{}, &Nothing{}}},
		{"many fields", []any{manyFields()}},
	}
}

func ints() []any {
	var values []any
	for _, value := range []int64{0, 1, -1, 63, 64, -64, -65, 127, 128, -129, 1 << 31, math.MaxInt64, math.MinInt64} {
		values = append(values, pointer(value))
	}
	return values
}

func composites() *Composites {
	return &Composites{
		Slice: []int{0, 1, -1, 1000}, Matrix: [][]float64{{}, {1, 2.5}}, Array: [3]int{1, 0, 3}, Bytes4: [4]byte{1, 127, 128, 255},
		Map: map[string]int{"zero": 0, "one": 1}, ByArray: map[[2]int]string{{1, 2}: "a"}, ByStruct: map[Point]string{{}: "origin", {0, 5}: "up"},
		ByFloat: map[float64]bool{0.5: true}, ByAny: map[any]string{1: "int", "1": "string", Point{1, 2}: "point", true: "bool"},
		Pointers: []*Point{{1, 2}, {}}, Pointer: pointer(pointer(5)), Embedded: Embedded{"in"},
	}
}

func person() *Person {
	boss := &Person{Name: "Boss", Age: 61}
	return &Person{"Ann", 34, []string{"a@example.org", ""}, map[string]*Person{"bob": {Name: "Bob", Boss: boss}}, boss}
}

// manyFields has 200 fields of which the last is set: its distance takes two bytes.
func manyFields() any {
	var fields []reflect.StructField
	for i := range 200 {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[int]()})
	}
	value := reflect.New(reflect.StructOf(fields))
	value.Elem().Field(199).SetInt(-5)
	return value.Interface()
}

func interfaces() []fixedStream {
	deep := any(1)
	for i := range 10 {
		deep = Box{Label: fmt.Sprint(i), Inner: deep, After: i}
	}
	return []fixedStream{
		{"nil interface", []any{new(any), &Box{}, new(any)}},
		{"interface", []any{asAny(5), asAny("text"), asAny(Point{1, 2}), asAny(&Point{}), asAny([]byte("b")), asAny(Celsius(36.6)),
			asAny(Point{3, 4}), asAny([]any{nil, 1, "a", Nothing{}}), asAny(Reversed{"xyz"})}},
		// Every interface below holds a type the stream has not seen: gob cuts the message after each definition.
		{"interface definitions", []any{
			&Box{"a", Point{1, 2}, []any{person(), Nothing{}, 7}, map[string]any{"t": Tree{{}, {}}}, [2]any{nil, "b"}, 9},
			&Box{"b", Even{&Odd{&Even{}, Celsius(1)}}, []any{map[string]Point{"p": {5, 6}}, [2]Point{{}, {7, 8}}}, nil, [2]any{}, 0}}},
		// The same inside of interfaces: the definitions cut counted runs of bytes inside the message.
		{"nested definitions", []any{
			asAny(Box{"a", Box{"b", Point{1, 2}, []any{Versioned{Before: "c"}, Nothing{}}, nil, [2]any{person(), 5}, 6}, []any{Tree{{}}}, nil,
				[2]any{}, 10}),
			asAny([]any{Even{&Odd{nil, []any{map[string]Point{"x": {1, 1}}}}}, [2]Point{{}, {1, 1}}, Box{After: 1}})}},
		{"deep interfaces", []any{&deep}},
	}
}
