import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.time.Instant;

class Sign {
    public static void main(String[] args) {
        var now = Instant.now();
        String token = JWT.create()
            .withSubject("userexternal")
            .withAudience("https://tiledesk.com/projects/shop")
            .withIssuedAt(now)
            .withExpiresAt(now.plusSeconds(300))
            .withClaim("_id", "42") // who is signed in to your system
            .withClaim("firstname", "Ada")
            .withClaim("lastname", "Lovelace")
            .withClaim("email", "ada@example.com")
            .withClaim("plan", "gold")
            .sign(Algorithm.HMAC256(System.getenv("SHOP_SECRET")));

        System.out.println(token); // into the page
    }
}
