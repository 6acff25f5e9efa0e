"""A patient summary as an HL7 FHIR R4 document (International Patient Summary 2.0.0): plain dictionaries."""
