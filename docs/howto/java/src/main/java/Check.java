import build.buf.protovalidate.Validator;
import build.buf.protovalidate.ValidatorFactory;
import build.buf.protovalidate.Violation;
import com.lientuyen.identity.v1.CheckEligibilityRequest;
import com.lientuyen.type.v1.AccessContext;
import com.lientuyen.type.v1.Date;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/** Holds a question to the rules of the contract before it is asked: {@code Check 001385000016}. */
public final class Check {
  public static void main(String[] arguments) throws Exception {
    Validator validator = ValidatorFactory.newBuilder().build();
    List<Violation> violations = validator.validate(question(arguments[0])).getViolations();
    for (Violation violation : violations) {
      String field = violation.toProto().getField().getElements(0).getFieldName();
      System.err.println(field + ": " + violation.toProto().getMessage());
    }
    System.exit(violations.isEmpty() ? 0 : 1);
  }

  private static CheckEligibilityRequest question(String personalId) {
    LocalDate day = LocalDate.now(ZoneId.of("Asia/Ho_Chi_Minh"));
    return CheckEligibilityRequest.newBuilder()
        .setPersonalId(personalId)
        .setFacility("facilities/01999")
        .setDay(Date.newBuilder().setYear(day.getYear()).setMonth(day.getMonthValue()).setDay(day.getDayOfMonth()))
        .setCareCategory("1.1")
        .setAccess(
            AccessContext.newBuilder()
                .setPractitioner("000001/HNO-GPHN")
                .setPurpose(AccessContext.Purpose.PURPOSE_TREATMENT)
                .setLegalBasis(AccessContext.LegalBasis.LEGAL_BASIS_OWN_RECORD))
        .build();
  }

  private Check() {}
}
