// Who is this, and are they covered today?  One call from Node, straight from protos/.
//
//   node lookup.mjs 001385000016
//
// Wants the stack that `make up` started, or IDENTITY (host:port) and TLS (a folder).
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const home = process.env.LIENTUYEN_HOME ?? path.join(os.homedir(), ".local/state/lientuyen");
const address = process.env.IDENTITY ?? JSON.parse(fs.readFileSync(path.join(home, "stack.json"))).addresses.identity;
const folder = process.env.TLS ?? path.join(home, "tls/facility-01999");
const read = (name) => fs.readFileSync(path.join(folder, name));

// Only identity itself has a certificate with this name, whatever the address.
const [, trustDomain] = new crypto.X509Certificate(read("tls.crt")).subjectAltName.match(/spiffe:\/\/([^/]+)/);
const server = `identity.service.${trustDomain}`;

const protos = path.resolve(import.meta.dirname, "../../../protos");
const contract = grpc.loadPackageDefinition(
  loader.loadSync("lientuyen/identity/v1/eligibility_service.proto", { includeDirs: [protos], keepCase: true, enums: String }),
);
const eligibility = new contract.lientuyen.identity.v1.EligibilityService(
  address,
  grpc.credentials.createSsl(read("ca.crt"), read("tls.key"), read("tls.crt")),
  { "grpc.ssl_target_name_override": server, "grpc.default_authority": server },
);

const today = new Date(Date.now() + 7 * 3600_000); // Viet Nam, UTC+7
const request = {
  personal_id: process.argv[2],
  facility: "facilities/01999",
  day: { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1, day: today.getUTCDate() },
  care_category: "1.1",
  access: { practitioner: "000001/HNO-GPHN", purpose: "PURPOSE_TREATMENT", legal_basis: "LEGAL_BASIS_OWN_RECORD" },
};

eligibility.CheckEligibility(request, { deadline: Date.now() + 5000 }, (error, reply) => {
  if (error) {
    console.error(`${grpc.status[error.code]}: ${error.details}`);
    process.exit(1);
  }
  const { result_code, payment_rate_percent, message_vi } = reply.eligibility;
  console.log(JSON.stringify({ result_code, payment_rate_percent, message_vi }));
});
