package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// clientToken is what a create with a client token made. EC2 documents no lifetime.
// Here it is a day (A0022).
type clientToken struct {
	Parameters string    `json:"parameters"` // their hash
	ID         string    `json:"id"`
	Created    time.Time `json:"created"`
}

const (
	tokenLifetime  = 24 * time.Hour
	maxTokenLength = 64
)

// idempotency is the client token of a create, and what it is compared with.
type idempotency struct {
	key        string // action and token, "" without a token: tokens of different actions do not meet (A0023)
	token      string
	parameters string
}

// readIdempotency reads the client token of a create. If the request has one, the
// answer has it too (A0073). An empty token is none. The code for a malformed token is
// documented, but not its cause (A0074).
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

// once runs create, unless an earlier request had the same token and parameters. Then
// it returns the ID of the object of that request.
func (i idempotency) once(t *tx, exists func(id string) bool, create func() (string, error)) (string, error) {
	if i.key == "" {
		return create()
	}
	forgetTokens(t)
	earlier, known := tokens.get(t, i.key)
	switch {
	case !known || earlier.Created.Before(t.now.Add(-tokenLifetime)):
	case earlier.Parameters != i.parameters:
		return "", query.Refuse("IdempotentParameterMismatch", "The client token %s has been used with other parameters", i.token)
	case !exists(earlier.ID):
		// The client asked neither for a new object nor for a deleted one (A0024).
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

// forgetTokens removes tokens that are older than their lifetime. It removes only a few
// at a time, so that no request is slow.
func forgetTokens(t *tx) {
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
