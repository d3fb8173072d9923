package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// clientToken remembers what a create with a client token made. EC2 documents no
// lifetime; here it is a day (A0022).
type clientToken struct {
	Parameters string    `json:"parameters"` // their hash
	ID         string    `json:"id"`
	Created    time.Time `json:"created"`
}

const (
	tokenLifetime  = 24 * time.Hour
	maxTokenLength = 64
)

// readIdempotency is what a create's request says about being repeated.
type idempotency struct {
	key        string // action and token, "" without a token: tokens of different actions do not meet (A0023)
	token      string
	parameters string
}

// readIdempotency reads the client token of a create, which is in its answer if it is in
// the request (A0073). An empty one is none; the code for one that is not formed like
// a token is documented, and what it is for is not (A0074).
func readIdempotency(q *query.Query) idempotency {
	i := idempotency{token: q.Text("ClientToken")}
	if i.token == "" {
		return i
	}
	if len(i.token) > maxTokenLength || !isASCII(i.token) {
		q.Fail(query.Refuse("InvalidClientToken", "The client token is not valid. Write up to %d printable ASCII characters.", maxTokenLength))
	}
	i.key = q.Action + "/" + i.token
	i.parameters = q.Hash("ClientToken", "DryRun")
	return i
}

func isASCII(text string) bool {
	return !slices.ContainsFunc([]byte(text), func(b byte) bool { return b < ' ' || b > '~' })
}

// once runs create, unless a request with the same token and parameters did it
// before: then it returns the ID of what that one created.
func (i idempotency) once(t *tx, exists func(id string) bool, create func() (string, error)) (string, error) {
	if i.key == "" {
		return create()
	}
	t.forgetTokens()
	earlier, known := tokens.get(t, i.key)
	switch {
	case !known || earlier.Created.Before(t.now.Add(-tokenLifetime)):
	case earlier.Parameters != i.parameters:
		return "", query.Refuse("IdempotentParameterMismatch", "The client token %s has been used with other parameters", i.token)
	case !exists(earlier.ID):
		// Neither a new object nor one that is gone is what the client asked for (A0024).
		return "", query.Refuse("IdempotentParameterMismatch", "The client token %s has been used for %s, which has been deleted since", i.token, earlier.ID)
	default:
		return earlier.ID, nil
	}
	id, err := create()
	if err != nil {
		return "", err
	}
	tokens.put(t, i.key, clientToken{i.parameters, id, t.now})
	return id, nil
}

func ageKey(at time.Time) string { return at.UTC().Format("20060102T150405.000000000") }

// forgetTokens removes tokens past their lifetime, a few at a time so that no
// request pays for all.
func (t *tx) forgetTokens() {
	ages := t.bucket(tokensByAge.bucket)
	limit := ageKey(t.now.Add(-tokenLifetime))
	for range 4 {
		k, _ := ages.Cursor().First()
		if k == nil || string(k) >= limit {
			return
		}
		age, key, _ := strings.Cut(string(k), "/")
		if token, ok := tokens.get(t, key); ok && ageKey(token.Created) == age {
			tokens.del(t, key)
		}
		tokensByAge.unset(t, age, key)
	}
}
