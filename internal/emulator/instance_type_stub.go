package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// typeSpec is what is known of an instance type.
type typeSpec struct {
	Architecture          string
	Cores, ThreadsPerCore int
	Burstable             bool
}

// instanceType returns what is known of an instance type.
func instanceType(name string) (typeSpec, bool) {
	family, size, ok := strings.Cut(name, ".")
	vcpus := map[string]int{"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "18xlarge": 72, "24xlarge": 96, "metal": 96}[size]
	if !ok || vcpus == 0 || !slices.Contains(strings.Fields("t2 t3 t3a t4g m5 m6i m6g c5 c7i-flex r5"), family) {
		return typeSpec{}, false
	}
	spec := typeSpec{"x86_64", vcpus / 2, 2, family[0] == 't'}
	if strings.HasSuffix(family, "g") {
		spec.Architecture, spec.Cores, spec.ThreadsPerCore = "arm64", vcpus, 1
	}
	return spec, true
}

// describeInstanceTypes describes the types in the request.
func describeInstanceTypes(q *query.Query) operation {
	types := q.List("InstanceType")
	if len(types) == 0 {
		q.Fail(query.Missing("InstanceType.1"))
	}
	for _, name := range types {
		if family, size, ok := strings.Cut(name, "."); !ok || family == "" || size == "" {
			q.Fail(query.Refuse("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name))
		}
	}
	return func(t *tx, x *query.Writer) error {
		x.In("instanceTypeSet", func() {
			for _, name := range types {
				x.In("item", func() {
					x.Text("instanceType", name)
					x.Bool("bareMetal", strings.Contains(name, ".metal"))
				})
			}
		})
		return nil
	}
}
