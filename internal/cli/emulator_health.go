package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthPatience is how long the emulator may take to answer.
const healthPatience = 5 * time.Second

func healthCommand() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running embedded EC2 whether it works; exit 1 if it does not",
		Long: `Ask a running embedded EC2 whether it works, as a health check of a container does. It prints "ok" and exits 0 if the
store can be read. It exits 1 if nothing answers, if something else answers, or if the store cannot be read.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := askHealth(cmd.Context(), url); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "ok")
			return nil
		},
	}
	cmd.Flags().StringVar(&url, "endpoint-url", "http://127.0.0.1:4566", "URL of the embedded EC2")
	return cmd
}

// askHealth returns nil if an embedded EC2 answers at a URL and can read its store.
func askHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/_emulator/health", http.NoBody)
	if err != nil {
		return fmt.Errorf("--endpoint-url: %w", err)
	}
	transport := &http.Transport{} // without a proxy
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("no embedded EC2 answers at %s: %w", url, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("the answer of %s breaks off: %w", url, err)
	}
	var answer struct{ Status, Reason string }
	switch err := json.Unmarshal(body, &answer); {
	case response.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s refuses the request: %s", url, strings.TrimSpace(string(body)))
	case err != nil || answer.Status == "":
		return fmt.Errorf("what answers at %s is not the embedded EC2 (HTTP status %d)", url, response.StatusCode)
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("the embedded EC2 at %s cannot read its store: %s", url, answer.Reason)
	}
	return nil
}
