// Who is this, and are they covered today?  One call from Go.
//
//	go run . 001385000016
//
// Wants the stack that `make up` started, or IDENTITY (host:port) and TLS (a folder).  A request that
// breaks a rule of the contract is told here, before any call.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	identityv1 "lientuyen.test/identity/v1"
	typev1 "lientuyen.test/type/v1"
)

func main() {
	request := question(os.Args[1], time.Now())
	if err := protovalidate.Validate(request); err != nil {
		exit(err)
	}
	reply, err := ask(request)
	if err != nil {
		exit(err)
	}
	fmt.Println(reply.Eligibility.ResultCode, reply.Eligibility.MessageVi)
}

func question(personalID string, now time.Time) *identityv1.CheckEligibilityRequest {
	day := now.In(time.FixedZone("Asia/Ho_Chi_Minh", 7*3600))
	return &identityv1.CheckEligibilityRequest{
		Subject:      &identityv1.CheckEligibilityRequest_PersonalId{PersonalId: personalID},
		Facility:     "facilities/01999",
		Day:          &typev1.Date{Year: int32(day.Year()), Month: int32(day.Month()), Day: int32(day.Day())},
		CareCategory: "1.1",
		Access: &typev1.AccessContext{
			Practitioner: "000001/HNO-GPHN",
			Purpose:      typev1.AccessContext_PURPOSE_TREATMENT,
			LegalBasis:   typev1.AccessContext_LEGAL_BASIS_OWN_RECORD,
		},
	}
}

func ask(request *identityv1.CheckEligibilityRequest) (*identityv1.CheckEligibilityResponse, error) {
	home := setting("LIENTUYEN_HOME", filepath.Join(os.Getenv("HOME"), ".local/state/lientuyen"))
	secure, err := mutualTLS(setting("TLS", filepath.Join(home, "tls/facility-01999")))
	if err != nil {
		return nil, err
	}
	channel, err := grpc.NewClient(address(home), grpc.WithTransportCredentials(secure))
	if err != nil {
		return nil, err
	}
	defer channel.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return identityv1.NewEligibilityServiceClient(channel).CheckEligibility(ctx, request)
}

func mutualTLS(folder string) (credentials.TransportCredentials, error) {
	own, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	domain, err := trustDomain(own)
	if err != nil {
		return nil, err
	}
	// Only identity itself has a certificate with this name, whatever the address.
	name := "identity.service." + domain
	return credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{own}, RootCAs: roots, ServerName: name}), nil
}

// trustDomain returns the one that our own certificate names: spiffe://<trust domain>/facility/01999.
func trustDomain(own tls.Certificate) (string, error) {
	leaf, err := x509.ParseCertificate(own.Certificate[0])
	if err != nil {
		return "", err
	}
	if len(leaf.URIs) != 1 {
		return "", errors.New("the certificate names nobody")
	}
	return leaf.URIs[0].Host, nil
}

// address returns where identity is: IDENTITY, or what the stack wrote when it started.
func address(home string) string {
	var stack struct{ Addresses map[string]string }
	if text, err := os.ReadFile(filepath.Join(home, "stack.json")); err == nil {
		_ = json.Unmarshal(text, &stack)
	}
	return setting("IDENTITY", stack.Addresses["identity"])
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func exit(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
