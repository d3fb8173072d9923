package unchanged

import (
	"context"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// keeper keeps the context of each request, as the framework does.
type keeper struct {
	tfprotov6.ProviderServer
	kept []context.Context
}

func (k *keeper) ValidateResourceConfig(ctx context.Context, _ *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	own, cancel := context.WithCancel(ctx)
	k.kept = append(k.kept, own)
	_ = cancel
	return nil, ctx.Err()
}

type key struct{}

// What a context has is there during the request, and is garbage after it, even if the
// server keeps the context.
func TestFramework_forgets(t *testing.T) {
	t.Parallel()
	k := &keeper{}
	s := framework{k}
	collected := make(chan struct{})
	func() {
		value := new([1024]byte)
		runtime.AddCleanup(value, func(int) { close(collected) }, 0)
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, value))
		if _, err := s.ValidateResourceConfig(ctx, nil); err != nil {
			t.Error(err)
		}
		cancel()
	}()
	if got := k.kept[0].Value(key{}); got != nil {
		t.Error("the kept context has", got)
	}
	if k.kept[0].Err() == nil {
		t.Error("the kept context has not ended")
	}
	for isLeft := true; isLeft; {
		runtime.GC()
		select {
		case <-collected:
			isLeft = false
		case <-t.Context().Done():
			t.Fatal("the value is still there")
		default:
		}
	}
	runtime.KeepAlive(k)
}
