package mirror

import (
	"fmt"
	"strings"
)

// An Address says which object is meant, and where it is. An empty field is not said.
type Address struct {
	ID        string
	FilterID  string // of a rule
	Region    string
	AccountID string
	Partition string
}

// ParseAddress reads an address of an object of the kind: its ID, its ID with "@" and the
// Region, or its ARN. Before the ID of a rule may be the ID of its filter and ":".
func (k Kind) ParseAddress(text string) (Address, Problems) {
	a := Address{ID: text}
	if strings.HasPrefix(text, "arn:") {
		return k.parseARN(text)
	}
	if id, region, isSaid := strings.Cut(text, "@"); isSaid {
		a = Address{ID: id, Region: region}
	}
	if filterID, id, isSaid := strings.Cut(a.ID, ":"); isSaid && k == KindFilterRule && KindFilter.Is(filterID) {
		a.ID, a.FilterID = id, filterID
	}
	if !k.Is(a.ID) || strings.HasSuffix(text, "@") {
		return Address{}, k.wrongAddress(text)
	}
	return a, nil
}

// parseARN reads an ARN. That of a filter or a rule may lack the account. A Region may follow,
// and is then that of the ARN.
func (k Kind) parseARN(text string) (Address, Problems) {
	name, region, isSaid := strings.Cut(text, "@")
	parts := strings.SplitN(name, ":", 6)
	if len(parts) != 6 || parts[2] != "ec2" || parts[3] == "" || parts[4] != "" && !AccountIDs.MatchString(parts[4]) || isSaid && region != parts[3] {
		return Address{}, k.wrongAddress(text)
	}
	resource, id, _ := strings.Cut(parts[5], "/")
	if resource != k.Resource || !k.Is(id) {
		return Address{}, k.wrongAddress(text)
	}
	return Address{ID: id, Region: parts[3], AccountID: parts[4], Partition: parts[1]}, nil
}

func (k Kind) wrongAddress(text string) Problems {
	id := k.Prefix + "0123456789abcdef0"
	fix := fmt.Sprintf("Write the ID of %s, such as %q; its ID and Region, %q; or its ARN, %q.", k.noun, id, id+"@eu-west-1", k.ARN("aws", "eu-west-1", "123456789012", id))
	if k == KindFilterRule {
		fix += fmt.Sprintf(" You can also write the ID of the filter before that of the rule: %q.", KindFilter.Prefix+"0123456789abcdef0:"+id)
	}
	if text == "" {
		return Problems{{Kind: Missing, Wrong: "The import ID is empty", Fix: fix}}
	}
	return Problems{{Kind: Malformed, Wrong: fmt.Sprintf("The import ID is %q", text), Fix: fix}}
}
