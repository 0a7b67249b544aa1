package main

import (
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"time"
)

var scalarTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int16](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](),
	reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex128](), reflect.TypeFor[string](),
}

var otherTypes = []reflect.Type{
	reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time](), reflect.TypeFor[Reversed](), reflect.TypeFor[any](),
	reflect.TypeFor[Box](), reflect.TypeFor[*Person](), reflect.TypeFor[Tree](), reflect.TypeFor[Even](), reflect.TypeFor[Composites](),
}

var dynamicTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[[]string](), reflect.TypeFor[Person](), reflect.TypeFor[Point](), reflect.TypeFor[Box](), reflect.TypeFor[Nothing](),
	reflect.TypeFor[Even](), reflect.TypeFor[Celsius](), reflect.TypeFor[Versioned](), reflect.TypeFor[Reversed](), reflect.TypeFor[time.Time](),
	reflect.TypeFor[[]any](), reflect.TypeFor[map[string]Point](), reflect.TypeFor[[2]Point](),
}

// hashableTypes are what keys that are interfaces hold.
var hashableTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[Point](), reflect.TypeFor[[2]Point](),
}

type generator struct{ *rand.Rand }

// randomValues gives one to four values of random types, the same ones for the same seed.
func randomValues(seed int64) []any {
	g := generator{rand.New(rand.NewSource(seed))}
	var values []any
	for range 1 + g.Intn(4) {
		values = append(values, g.value(g.typ(3), 4).Addr().Interface())
	}
	return values
}

func (g generator) pick(types []reflect.Type) reflect.Type { return types[g.Intn(len(types))] }

func (g generator) typ(depth int) reflect.Type {
	if depth == 0 || g.Intn(4) == 0 {
		if g.Intn(2) == 0 {
			return g.pick(scalarTypes)
		}
		return g.pick(otherTypes)
	}
	switch g.Intn(6) {
	case 0:
		return reflect.SliceOf(g.typ(depth - 1))
	case 1:
		return reflect.ArrayOf(g.Intn(4), g.typ(depth-1))
	case 2:
		return reflect.MapOf(g.pick(scalarTypes), g.typ(depth-1))
	case 3:
		return reflect.PointerTo(g.pick(scalarTypes))
	}
	var fields []reflect.StructField
	for i := range 1 + g.Intn(6) {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: g.typ(depth - 1)})
	}
	return reflect.StructOf(fields)
}

// value gives an addressable random value; depth bounds recursive types and interfaces.
func (g generator) value(typ reflect.Type, depth int) reflect.Value {
	value := reflect.New(typ).Elem()
	switch typ {
	case reflect.TypeFor[time.Time]():
		value.Set(reflect.ValueOf(time.Unix(g.Int63n(1<<33), g.Int63n(1e9)).UTC()))
		return value
	case reflect.TypeFor[Reversed]():
		value.Set(reflect.ValueOf(Reversed{g.text()}))
		return value
	}
	switch typ.Kind() {
	case reflect.Bool:
		value.SetBool(g.Intn(2) == 0)
	case reflect.Int, reflect.Int16:
		value.SetInt(int64(int16(g.number())))
	case reflect.Uint, reflect.Uint64:
		value.SetUint(g.number())
	case reflect.Uint8:
		value.SetUint(g.number() & 0xff)
	case reflect.Float32, reflect.Float64:
		value.SetFloat(g.float())
	case reflect.Complex128:
		value.SetComplex(complex(g.float(), g.float()))
	case reflect.String:
		value.SetString(g.text())
	default:
		g.fill(value, depth)
	}
	return value
}

func (g generator) fill(value reflect.Value, depth int) {
	typ := value.Type()
	count := 0
	if depth > 0 {
		count = g.Intn(4)
	}
	switch typ.Kind() {
	case reflect.Pointer:
		// Elements may not be nil, so a pointer stays nil only where the types would recurse without end.
		if depth > -3 {
			value.Set(g.value(typ.Elem(), depth-1).Addr())
		}
	case reflect.Slice:
		for range count {
			value.Set(reflect.Append(value, g.value(typ.Elem(), depth-1)))
		}
	case reflect.Array:
		for i := range typ.Len() {
			value.Index(i).Set(g.value(typ.Elem(), depth-1))
		}
	case reflect.Map:
		if count > 0 {
			value.Set(reflect.MakeMap(typ))
		}
		for range count {
			value.SetMapIndex(g.key(typ.Key(), depth-1), g.value(typ.Elem(), depth-1))
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			// An array that is left out may have nil elements, which gob refuses; so may one in a struct.
			kind := typ.Field(i).Type.Kind()
			if (g.Intn(4) > 0 || kind == reflect.Array || kind == reflect.Struct) && value.Field(i).CanSet() {
				value.Field(i).Set(g.value(typ.Field(i).Type, depth-1))
			}
		}
	case reflect.Interface:
		if count > 0 {
			value.Set(g.value(g.pick(dynamicTypes), depth-1))
		}
	}
}

func (g generator) key(typ reflect.Type, depth int) reflect.Value {
	if typ.Kind() != reflect.Interface {
		return g.value(typ, depth)
	}
	key := reflect.New(typ).Elem()
	key.Set(g.value(g.pick(hashableTypes), depth))
	return key
}

func (g generator) number() uint64 {
	if g.Intn(3) == 0 {
		return 0
	}
	return g.Uint64() >> g.Intn(64)
}

func (g generator) float() float64 {
	special := []float64{0, 1, math.Inf(1), math.NaN(), math.Copysign(0, -1)}
	if i := g.Intn(8); i < len(special) {
		return special[i]
	}
	return float64(float32(g.NormFloat64()))
}

func (g generator) text() string {
	data := make([]byte, g.Intn(5)*g.Intn(40))
	for i := range data {
		data[i] = byte('a' + g.Intn(26))
		if g.Intn(50) == 0 {
			data[i] = byte(g.Intn(256))
		}
	}
	return string(data)
}
