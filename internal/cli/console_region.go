package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// emulatedRegion is the Region of the embedded EC2.
func (f consoleFlags) emulatedRegion() string {
	return cmp.Or(f.region, environmentRegion(), "us-east-1")
}

func environmentRegion() string {
	return cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
}

// chooseRegion takes the only Region of a store that has objects, if no other is asked for. The
// text says why the console shows the Region that it shows; "": it was asked for.
func (f *consoleFlags) chooseRegion(ctx context.Context) (text string, err error) {
	if f.path == "" || f.region != "" || environmentRegion() != "" {
		return "", nil
	}
	if _, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) {
		return "", nil // it is made later
	}
	store, err := emulator.New(emulator.Options{Path: f.path})
	if err != nil {
		return "", err
	}
	all, err := emulator.RegionContents(ctx, store)
	if err != nil {
		return "", err
	}
	found := withObjects(all)
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.Region
	}
	switch len(names) {
	case 0:
		return fmt.Sprintf("It shows Region %s: no Region of %s has objects. --region chooses another one.", f.emulatedRegion(), f.path), nil
	case 1:
		f.region = names[0]
		return fmt.Sprintf("It shows Region %s, the only one of %s that has objects. --region chooses another one.", f.region, f.path), nil
	}
	return fmt.Sprintf("It shows Region %s. %s has objects in several Regions: %s. --region chooses another one.", f.emulatedRegion(), f.path, strings.Join(names, ", ")), nil
}

// withObjects returns the Regions that have objects of Traffic Mirroring. Where there are none,
// network interfaces count.
func withObjects(all []emulator.RegionContent) (used []emulator.RegionContent) {
	var others []emulator.RegionContent
	for _, c := range all {
		switch {
		case c.IsUsed():
			used = append(used, c)
		case c.Interfaces > 0:
			others = append(others, c)
		}
	}
	if used == nil {
		return others
	}
	return used
}

// otherRegions returns the Regions that the console does not show and that have objects.
func (f consoleFlags) otherRegions(ctx context.Context, store *emulator.Emulator, shown string) (others []console.OtherRegion, err error) {
	all, err := emulator.RegionContents(ctx, store)
	for _, c := range all {
		if c.Region == shown || !c.IsUsed() && c.Interfaces == 0 {
			continue
		}
		others = append(others, console.OtherRegion{Name: c.Region, Has: contentText(c), Command: f.commandFor(c.Region)})
	}
	return others, err
}

// contentText says what a Region has, such as "2 sessions and 1 filter".
func contentText(c emulator.RegionContent) string {
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{c.Sessions, "session"}, {c.Filters, "filter"}, {c.Targets, "target"}, {c.Interfaces, "network interface"}} {
		if p.n > 0 {
			parts = append(parts, wording.Count(p.n, p.noun))
		}
	}
	return wording.List(parts)
}

// commandFor is the line that starts a console for another Region, beside this one.
func (f consoleFlags) commandFor(region string) string {
	words := []string{"terraform-provider-trafficmirror", "console", "--path", f.path}
	if f.topology != "" {
		words = append(words, "--topology", f.topology)
	}
	words = append(words, "--region", region, "--listen", "127.0.0.1:0")
	for i, w := range words {
		words[i] = quoted(w)
	}
	return strings.Join(words, " ")
}

// quoted writes a word for a shell.
func quoted(word string) string {
	isPlain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,=@%+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !isPlain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
