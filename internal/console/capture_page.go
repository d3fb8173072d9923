package console

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// uploadRoom is how many bytes the other fields of the form may have.
const uploadRoom = 64 << 10

func captureRoutes() []route {
	return []route{
		{pattern: "GET /captures", serve: serveCaptures},
		{pattern: "POST /captures", serve: takeCaptures, upload: maxCaptureSize + uploadRoom},
		{pattern: "GET /captures/{id}", serve: serveCapture},
		{pattern: "POST /captures/{id}/remove", serve: removeCapture},
		{pattern: "GET /captures/{id}/{what}", serve: serveDownload},
	}
}

// The fields of the form. That of the file comes last, so that the others are known before it.
const (
	onField        = "on"
	directionField = "direction"
	fileField      = "file"
)

// serveCaptures shows the form and the captures of the browser's session.
func serveCaptures(r *request) (*page, error) {
	return capturesPage(r, r.URL.Query(), nil)
}

// capturesPage has the form with the values that its fields have, and what is wrong with them.
func capturesPage(r *request, values url.Values, wrong mirror.Problems) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	p := &page{title: "Captures", section: "/captures"}
	f := &form{values: values, wrong: wrong, fields: captureFields(s)}
	if wrong != nil {
		p.status = http.StatusUnprocessableEntity
		p.notes = append(p.notes, summaryNote(wrong, f.label, "Nothing was kept."))
	}
	p.body = append(p.body, para("Send a capture file through the mirror sessions of an interface, as EC2 would. The file stays on the machine of the console."), captureForm(r, f))
	if own := r.console.captures.of(r.session); len(own) > 0 {
		p.body = append(p.body, part("kept", "Files", captureTable(s, own)))
	}
	return p, nil
}

// captureFields are the fields of the form.
func captureFields(s *snapshot) []field {
	return []field{
		{name: onField, label: "Network interface", hint: "The ID of the interface that sent and received the packets.", choices: interfaceChoices(s)},
		{name: directionField, label: "Direction", kind: selectField, choices: []choice{
			{"", "as each packet shows"}, {string(mirror.Ingress), "all packets are received"}, {string(mirror.Egress), "all packets are sent"},
		}},
		{name: fileField, label: "Capture files"},
	}
}

// maxSuggested is how many interfaces a field suggests.
const maxSuggested = 500

// interfaceChoices are the interfaces, first those that have sessions.
func interfaceChoices(s *snapshot) []choice {
	var with, without []choice
	for _, i := range s.Interfaces {
		c := choice{i.ID, interfaceTitle(i)}
		if c.text == c.value {
			c.text = ""
		}
		if len(s.SessionsOf(i.ID)) > 0 {
			with = append(with, c)
		} else {
			without = append(without, c)
		}
	}
	all := slices.Concat(with, without)
	return all[:min(len(all), maxSuggested)]
}

func captureForm(r *request, f *form) g.Node {
	id := fieldID(fileField)
	problems := problemsAt(f.wrong, fileField)
	return h.Form(h.Method("post"), h.Action("/captures"), h.EncType("multipart/form-data"), h.Class("form"), h.AutoComplete("off"), r.hiddenToken(),
		f.field(f.fields[0]), f.field(f.fields[1]),
		h.Div(h.Class("field drop"), g.Attr("data-drop", id),
			h.Label(h.For(id), g.Text("Capture files")),
			hintOf(id, fmt.Sprintf("pcap or pcapng, also compressed with gzip or zstd; at most %s in all. Choose files, or drop them here.", size(maxCaptureSize))),
			h.Input(append([]g.Node{h.Type("file"), h.ID(id), h.Name(fileField), h.Multiple()}, describedBy(id, true, problems)...)...),
			wrongAt(id, problems),
		),
		h.P(h.Class("actions"), h.Button(h.Type("submit"), g.Text("Simulate"))),
	)
}

func captureTable(s *snapshot, own []*captureFile) g.Node {
	var rows [][]g.Node
	for _, f := range own {
		rows = append(rows, []g.Node{anchor("/captures/"+f.id, f.name), s.interfaceLink(f.interfaceID), g.Text(wording.Grouped(f.size)), g.Text(f.sentAt())})
	}
	return g.Group([]g.Node{
		table("Capture files that this browser has sent", []column{{"File", ""}, {"Interface", ""}, {"Bytes", "number"}, {"Sent", ""}}, rows),
		h.P(h.Class("hint"), g.Text(fmt.Sprintf("Only this browser sees them. They are gone when you remove them, and when the console ends. At most %d are kept.", maxCaptures))),
	})
}

// takeCaptures keeps the files of the form, and shows the first one. It keeps all of them or none.
func takeCaptures(r *request) (*page, error) {
	values := url.Values{}
	kept, wrong, err := takeFiles(r, values)
	if err != nil || wrong != nil {
		r.console.captures.removeAll(kept)
	}
	switch {
	case err != nil:
		return uploadFailure(err), nil
	case wrong != nil:
		return capturesPage(r, values, wrong)
	}
	return &page{redirect: "/captures/" + kept[0].id}, nil
}

// takeFiles keeps the files of the form up to the first one that is wrong, and reads the other
// fields into values.
func takeFiles(r *request, values url.Values) (kept []*captureFile, wrong mirror.Problems, err error) {
	for {
		field, err := r.parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return kept, wrong, err
		}
		if field.FormName() != fileField {
			text, err := io.ReadAll(io.LimitReader(field, 1000))
			if err != nil {
				return kept, wrong, err
			}
			values.Set(field.FormName(), string(text))
			continue
		}
		if len(wrong) == 0 {
			wrong = checkCaptureFields(values)
		}
		file, problems, err := takeFile(r, field, values, wrong)
		if err != nil {
			return kept, wrong, err
		}
		wrong = append(wrong, problems...)
		if file != nil {
			kept = append(kept, file)
		}
	}
	if kept == nil && wrong == nil {
		wrong = append(checkCaptureFields(values), noFile())
	}
	return kept, wrong, nil
}

// takeFile keeps one file, unless something is wrong.
func takeFile(r *request, part *multipart.Part, values url.Values, wrong mirror.Problems) (*captureFile, mirror.Problems, error) {
	if part.FileName() == "" {
		return nil, mirror.Problems{noFile()}, nil
	}
	if wrong != nil { // it is lost, and has to be sent again
		_, err := io.Copy(io.Discard, part)
		return nil, nil, err
	}
	f := &captureFile{session: r.session, name: part.FileName(), interfaceID: values.Get(onField), direction: mirror.Direction(values.Get(directionField)), sent: time.Now()}
	err := r.console.captures.add(part, f)
	var format *capture.FormatError
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return f, nil, nil
	case errors.As(err, &tooLarge):
		return nil, nil, err
	case errors.As(err, &format):
		return nil, mirror.Problems{{Kind: mirror.Malformed, Field: fileField, Wrong: fmt.Sprintf("is %s, which is no capture that can be read: %v", cleanName(part.FileName()), err), Fix: "Choose a pcap or pcapng file."}}, nil
	case isNoRoom(err):
		return nil, mirror.Problems{{Kind: mirror.Limit, Field: fileField, Wrong: fmt.Sprintf("is %s, which was not kept: %v", cleanName(part.FileName()), err)}}, nil
	}
	return nil, nil, err
}

func noFile() mirror.Problem {
	return mirror.Problem{Kind: mirror.Missing, Field: fileField, Wrong: "is empty", Fix: "Choose a capture file."}
}

// checkCaptureFields checks the fields before the file.
func checkCaptureFields(values url.Values) (wrong mirror.Problems) {
	on, direction := values.Get(onField), mirror.Direction(values.Get(directionField))
	if on == "" {
		wrong = append(wrong, mirror.Problem{Kind: mirror.Missing, Field: onField, Wrong: "is empty", Fix: "Write the ID of a network interface."})
	} else {
		wrong = append(wrong, mirror.KindInterface.Check(onField, on)...)
	}
	if direction != "" {
		wrong = append(wrong, direction.Check(directionField)...)
	}
	return wrong
}

// uploadFailure says why a file could not be kept.
func uploadFailure(err error) *page {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal(http.StatusRequestEntityTooLarge, "The files are too large", "The console takes at most ", size(maxCaptureSize), " at once. Use the command ", code("simulate"), " for larger files.")
	}
	return refusal(http.StatusBadRequest, "The files were not kept", "The browser has not sent the whole form, or there is no room for the files: ", err.Error(), ".")
}

func removeCapture(r *request) (*page, error) {
	r.console.captures.remove(r.session, r.PathValue("id"))
	return &page{redirect: "/captures"}, nil
}

// noCapturePage says that a capture is not there.
func noCapturePage() *page {
	return &page{title: "There is no such file", section: "/captures", status: http.StatusNotFound, body: []g.Node{
		para("This browser has sent no such file, the file was removed, or the console was started again since. ", anchor("/captures", "Captures"), " has the files that are there."),
	}}
}

// captureOn returns a capture of the browser with what the sessions of its interface do with it.
func captureOn(r *request, id string) (*captureFile, *captureRun, error) {
	f := r.console.captures.find(r.session, id)
	if f == nil {
		return nil, nil, nil
	}
	source, err := readSource(r.Context(), r.console.account(), f.interfaceID)
	if err != nil {
		return nil, nil, err
	}
	ran, err := f.run(r.Context(), source)
	return f, ran, err
}

// sentAt is the time of day at which the browser sent the file.
func (f *captureFile) sentAt() string { return f.sent.Format(time.TimeOnly) }

// title names the interface of a capture, and the file.
func (f *captureFile) title(s *snapshot) string {
	i, _ := s.Interface(f.interfaceID)
	return fmt.Sprintf("%s on %s", f.name, inventory.Title(f.interfaceID, i.Description, i.Tags))
}
