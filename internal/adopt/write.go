package adopt

import (
	"fmt"
	"math/big"
	"slices"
	"sort"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/hcl"
)

// order is that of the attributes in a block. What is not in it comes last.
var order = []string{
	"region", "description", "network_interface_id", "network_load_balancer_arn", "gateway_load_balancer_endpoint_id", "traffic_mirror_target_id", "traffic_mirror_filter_id",
	"session_number", "enabled", "packet_length", "virtual_network_id", "traffic_direction", "rule_number", "rule_action", "protocol", "source_cidr_block", "destination_cidr_block",
	"from_port", "to_port", "source_port_range", "destination_port_range", "network_services", "ingress_rules", "egress_rules", "tags",
}

// references are the attributes with the ID of another object.
var references = []string{"traffic_mirror_target_id", "traffic_mirror_filter_id"}

// Import returns the import block of an object.
func (o Object) Import() hcl.Block {
	return hcl.Block{Type: "import", Items: hcl.Object{{Name: "to", Value: hcl.Expression(o.Address())}, {Name: "id", Value: o.importID()}}}
}

// Resources returns the resource blocks of objects. An object refers to another one by its
// address.
func Resources(objects []Object) ([]hcl.Block, error) {
	addresses := map[string]string{}
	for _, o := range objects {
		addresses[o.importID()] = o.Address()
	}
	blocks := make([]hcl.Block, len(objects))
	for i, o := range objects {
		items, err := object(o.attributes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.ID, err)
		}
		for j, item := range items {
			if !slices.Contains(references, item.Name) {
				continue
			}
			if address := addresses[Object{ID: o.text(item.Name), Region: o.Region}.importID()]; address != "" {
				items[j].Value = hcl.Expression(address + ".id")
			}
		}
		blocks[i] = hcl.Block{Type: "resource", Labels: []string{"trafficmirror_" + o.Kind, o.Name}, Items: items}
	}
	return blocks, nil
}

// object returns attributes without those that are null, in their order.
func object(attributes map[string]tftypes.Value) (hcl.Object, error) {
	var items hcl.Object
	for name, value := range attributes {
		if value.IsNull() {
			continue
		}
		written, err := expression(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		items = append(items, hcl.Item{Name: name, Value: written})
	}
	rank := func(name string) int {
		if at := slices.Index(order, name); at >= 0 {
			return at
		}
		return len(order)
	}
	sort.Slice(items, func(i, j int) bool {
		a, b := items[i].Name, items[j].Name
		if rank(a) != rank(b) {
			return rank(a) < rank(b)
		}
		return a < b
	})
	return items, nil
}

// expression returns a value of Terraform as one of package hcl.
func expression(value tftypes.Value) (any, error) {
	switch of := value.Type().(type) {
	case tftypes.Object:
		var attributes map[string]tftypes.Value
		if err := value.As(&attributes); err != nil {
			return nil, err
		}
		return object(attributes)
	case tftypes.Map:
		return mapping(value)
	case tftypes.List, tftypes.Set:
		return list(value)
	default:
		return simple(of, value)
	}
}

func simple(of tftypes.Type, value tftypes.Value) (any, error) {
	switch {
	case of.Is(tftypes.String):
		var text string
		err := value.As(&text)
		return text, err
	case of.Is(tftypes.Bool):
		var yes bool
		err := value.As(&yes)
		return yes, err
	case of.Is(tftypes.Number):
		var number *big.Float
		err := value.As(&number)
		return number, err
	}
	return nil, fmt.Errorf("a value of the type %s is not expected", of)
}

func mapping(value tftypes.Value) (any, error) {
	var elements map[string]tftypes.Value
	if err := value.As(&elements); err != nil {
		return nil, err
	}
	items := make(hcl.Object, 0, len(elements))
	for _, key := range sortedByNumber(elements) {
		written, err := expression(elements[key])
		if err != nil {
			return nil, err
		}
		items = append(items, hcl.Item{Name: key, Value: written})
	}
	return items, nil
}

func list(value tftypes.Value) (any, error) {
	var elements []tftypes.Value
	if err := value.As(&elements); err != nil {
		return nil, err
	}
	written := make(hcl.List, len(elements))
	for i, element := range elements {
		var err error
		if written[i], err = expression(element); err != nil {
			return nil, err
		}
	}
	return written, nil
}

func numberText(value tftypes.Value) string {
	var number *big.Float
	if value.As(&number) != nil || number == nil {
		return ""
	}
	return number.Text('f', -1)
}
