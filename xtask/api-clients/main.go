// The first minutes of the README with a client that oapi-codegen generated: go run . URL
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"storage-hub.example/clients/hub"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("go: sign-up, login, list")
}

func run(ctx context.Context, url string) error {
	client, err := hub.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	signUp := hub.SignUpRequest{Email: "go@example.com", Password: "password of go"}
	signedUp, err := client.SignUpWithResponse(ctx, signUp)
	if err != nil {
		return err
	}
	if signedUp.JSON201 == nil {
		return fmt.Errorf("sign-up: %s: %s", signedUp.Status(), signedUp.Body)
	}
	again, err := client.SignUpWithResponse(ctx, signUp)
	if err != nil {
		return err
	}
	if again.JSON409 == nil || again.JSON409.Error != hub.UserAlreadyExists {
		return fmt.Errorf("second sign-up: %s: %s", again.Status(), again.Body)
	}
	loggedIn, err := client.LogInWithResponse(ctx, hub.LogInRequest{Email: signUp.Email, Password: "password of go"})
	if err != nil {
		return err
	}
	if loggedIn.JSON200 == nil {
		return fmt.Errorf("login: %s: %s", loggedIn.Status(), loggedIn.Body)
	}
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+loggedIn.JSON200.Data.Token)
		return nil
	}
	listed, err := client.ListBucketsWithResponse(ctx, &hub.ListBucketsParams{}, authorize)
	if err != nil {
		return err
	}
	if listed.JSON200 == nil || len(listed.JSON200.Data) != 0 {
		return fmt.Errorf("list: %s: %s", listed.Status(), listed.Body)
	}
	return nil
}
