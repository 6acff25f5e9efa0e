import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Validates documents as patient summaries: {@code java ValidateDocuments.java DEFINITIONS DOCUMENTS}, two folders.
 *
 * <p>Writes a line for each document, its name and how many errors it has, and after it each error, indented. Codes of
 * LOINC, SNOMED CT and national lists are not looked up: there is no terminology server.
 */
public class ValidateDocuments {
  private static final String PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips";

  public static void main(String[] folders) throws Exception {
    var context = FhirContext.forR4Cached();
    var instance = new FhirInstanceValidator(support(context, Path.of(folders[0])));
    instance.setAnyExtensionsAllowed(true);
    var validator = context.newValidator().registerValidatorModule(instance);
    var options = new ValidationOptions().addProfile(PROFILE);
    for (Path document : filesOf(Path.of(folders[1]))) {
      var messages = validator.validateWithResult(Files.readString(document), options).getMessages();
      var errors = messages.stream().filter(ValidateDocuments::isError).collect(Collectors.toList());
      System.out.println(document.getFileName() + "\t" + errors.size());
      for (var error : errors) {
        System.out.println("\t" + error.getLocationString() + ": " + error.getMessage().replace('\n', ' '));
      }
    }
  }

  private static boolean isError(SingleValidationMessage message) {
    return message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal();
  }

  private static ValidationSupportChain support(FhirContext context, Path definitions) throws Exception {
    var profiles = new PrePopulatedValidationSupport(context);
    for (Path definition : filesOf(definitions)) {
      profiles.addResource(context.newJsonParser().parseResource(Files.readString(definition)));
    }
    var unknown = new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    return new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        profiles,
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        new SnapshotGeneratingValidationSupport(context),
        unknown);
  }

  private static List<Path> filesOf(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().collect(Collectors.toList());
    }
  }
}
