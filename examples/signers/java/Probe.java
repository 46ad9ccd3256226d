// Probe ends well where the library of Sign is.
class Probe {
    public static void main(String[] args) throws ClassNotFoundException {
        Class.forName("com.auth0.jwt.JWT");
    }
}
