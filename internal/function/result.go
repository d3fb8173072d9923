package function

import (
	"math/big"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// typeOf returns the type of a result that has the form of a Go type: a struct is an object
// with the names of its JSON.
func typeOf(of reflect.Type) attr.Type {
	switch of.Kind() {
	case reflect.Pointer:
		return typeOf(of.Elem())
	case reflect.Slice:
		return types.ListType{ElemType: typeOf(of.Elem())}
	case reflect.Map:
		return types.MapType{ElemType: typeOf(of.Elem())}
	case reflect.Bool:
		return types.BoolType
	case reflect.Int, reflect.Int64:
		return types.NumberType
	case reflect.Struct:
		attributes := map[string]attr.Type{}
		for i := range of.NumField() {
			attributes[jsonName(of.Field(i))] = typeOf(of.Field(i).Type)
		}
		return types.ObjectType{AttrTypes: attributes}
	}
	return types.StringType
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// show returns the value of a result. Its type is typeOf the type of v. A nil pointer is null,
// and so is a text that is empty and whose JSON leaves it out.
func show(v any) attr.Value { return valueOf(reflect.ValueOf(v)) }

func valueOf(v reflect.Value) attr.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return null(typeOf(v.Type()))
		}
		return valueOf(v.Elem())
	case reflect.Slice:
		elements := make([]attr.Value, v.Len())
		for i := range elements {
			elements[i] = valueOf(v.Index(i))
		}
		return types.ListValueMust(typeOf(v.Type().Elem()), elements)
	case reflect.Map:
		elements := map[string]attr.Value{}
		for _, key := range v.MapKeys() {
			elements[key.String()] = valueOf(v.MapIndex(key))
		}
		return types.MapValueMust(typeOf(v.Type().Elem()), elements)
	case reflect.Bool:
		return types.BoolValue(v.Bool())
	case reflect.Int, reflect.Int64:
		return types.NumberValue(new(big.Float).SetInt64(v.Int()))
	case reflect.Struct:
		attributes := map[string]attr.Value{}
		for i := range v.NumField() {
			attributes[jsonName(v.Type().Field(i))] = valueOf(v.Field(i))
		}
		return types.ObjectValueMust(typeOf(v.Type()).(types.ObjectType).AttrTypes, attributes)
	}
	return types.StringValue(v.String())
}

func null(of attr.Type) attr.Value {
	switch of := of.(type) {
	case types.ObjectType:
		return types.ObjectNull(of.AttrTypes)
	case types.ListType:
		return types.ListNull(of.ElemType)
	}
	switch of {
	case types.BoolType:
		return types.BoolNull()
	case types.NumberType:
		return types.NumberNull()
	}
	return types.StringNull()
}

func unknown(of attr.Type) attr.Value {
	switch of := of.(type) {
	case types.ObjectType:
		return types.ObjectUnknown(of.AttrTypes)
	case types.ListType:
		return types.ListUnknown(of.ElemType)
	case types.MapType:
		return types.MapUnknown(of.ElemType)
	}
	return types.NumberUnknown()
}

func resultOf(of attr.Type) function.Return {
	switch of := of.(type) {
	case types.ObjectType:
		return function.ObjectReturn{AttributeTypes: of.AttrTypes}
	case types.ListType:
		return function.ListReturn{ElementType: of.ElemType}
	case types.MapType:
		return function.MapReturn{ElementType: of.ElemType}
	}
	return function.NumberReturn{}
}
