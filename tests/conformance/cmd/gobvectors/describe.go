package main

import (
	"encoding"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"log"
	"math"
	"reflect"
	"sort"
	"strconv"
	"unicode/utf8"
)

var (
	gobEncoderType      = reflect.TypeFor[gob.GobEncoder]()
	binaryMarshalerType = reflect.TypeFor[encoding.BinaryMarshaler]()
)

// tagged is a value that JSON cannot hold as it is: one key, the kind.
type tagged map[string]any

// describe gives a value as gob sends it: pointers followed, fields of a struct that gob omits left out.
func describe(value reflect.Value) any {
	if encoded, ok := encodeItself(value); ok {
		return tagged{"bytes": hex.EncodeToString(encoded)}
	}
	switch value.Kind() {
	case reflect.Pointer:
		return describe(value.Elem())
	case reflect.Bool:
		return value.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return value.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return value.Uint()
	case reflect.Float32, reflect.Float64:
		return describeFloat(value.Float())
	case reflect.Complex64, reflect.Complex128:
		number := value.Complex()
		return tagged{"complex": []any{describeFloat(real(number)), describeFloat(imag(number))}}
	case reflect.String:
		return describeString(value.String())
	case reflect.Slice, reflect.Array:
		return describeSequence(value)
	case reflect.Map:
		return describeMap(value)
	case reflect.Struct:
		return describeStruct(value)
	case reflect.Interface:
		return describeInterface(value)
	}
	log.Fatalf("no description of %s", value.Type())
	return nil
}

func encodeItself(value reflect.Value) ([]byte, bool) {
	var encoded []byte
	var err error
	switch {
	case value.Type().Implements(gobEncoderType):
		encoded, err = value.Interface().(gob.GobEncoder).GobEncode()
	case value.Type().Implements(binaryMarshalerType):
		encoded, err = value.Interface().(encoding.BinaryMarshaler).MarshalBinary()
	default:
		return nil, false
	}
	if err != nil {
		log.Fatal(err)
	}
	return encoded, true
}

func describeFloat(value float64) tagged {
	return tagged{"float": strconv.FormatUint(math.Float64bits(value), 16)}
}

func describeString(value string) any {
	if utf8.ValidString(value) {
		return value
	}
	return tagged{"string": hex.EncodeToString([]byte(value))}
}

func describeSequence(value reflect.Value) any {
	if value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Uint8 {
		return tagged{"bytes": hex.EncodeToString(value.Bytes())}
	}
	elements := []any{}
	for i := range value.Len() {
		elements = append(elements, describe(value.Index(i)))
	}
	return elements
}

// describeMap gives pairs of key and element, in the order of their JSON texts.
func describeMap(value reflect.Value) any {
	pairs := [][2]any{}
	for iterator := value.MapRange(); iterator.Next(); {
		pairs = append(pairs, [2]any{describe(iterator.Key()), describe(iterator.Value())})
	}
	text := func(i int) string {
		data, err := json.Marshal(pairs[i])
		if err != nil {
			log.Fatal(err)
		}
		return string(data)
	}
	sort.Slice(pairs, func(i, j int) bool { return text(i) < text(j) })
	return tagged{"map": pairs}
}

func describeStruct(value reflect.Value) any {
	fields := [][2]any{}
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if field.IsExported() && sent(value.Field(i)) {
			fields = append(fields, [2]any{field.Name, describe(value.Field(i))})
		}
	}
	return tagged{"struct": fields}
}

// sent tells whether gob sends this field of a struct (encoding/gob/encode.go: the tests of sendZero).
func sent(value reflect.Value) bool {
	if value.Type().Implements(gobEncoderType) || value.Type().Implements(binaryMarshalerType) {
		return !value.IsZero()
	}
	switch value.Kind() {
	case reflect.Pointer:
		return !value.IsNil() && sent(value.Elem())
	case reflect.Struct, reflect.Array:
		return true
	case reflect.Slice:
		return value.Len() > 0
	case reflect.Float32, reflect.Float64:
		return value.Float() != 0
	case reflect.Complex64, reflect.Complex128:
		return value.Complex() != 0
	case reflect.Chan, reflect.Func:
		return false
	}
	return !value.IsZero()
}

func describeInterface(value reflect.Value) any {
	if value.IsNil() {
		return nil
	}
	base := value.Elem().Type()
	for base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	name, ok := registered[base]
	if !ok {
		log.Fatalf("%s is not registered here", base)
	}
	return tagged{"interface": []any{name, describe(value.Elem())}}
}
